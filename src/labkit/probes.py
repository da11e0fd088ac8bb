"""Shell scripts that look at a server: has it booted, and what does it offer?"""

BOOT_SECONDS = 90

# Early in a boot there is nobody to ask, so systemctl fails at once: ask again.
# "degraded" is up as well, with a failed unit among the rest.
BOOTED = f"""
case $(systemctl is-system-running 2>/dev/null) in
running|degraded) ;;
*) timeout {BOOT_SECONDS} sh -c '
    until systemctl is-system-running --wait 2>/dev/null | grep -qE "running|degraded"
    do sleep 0.1; done' ;;
esac
"""
"""Waits until the server has booted; exit code 0 unless it takes too long."""

IDLE = """
systemd-detect-virt --quiet --container && exit
idle() { awk '/^cpu / { print $5 }' /proc/stat; }
until before=$(idle); sleep 1; [ $(($(idle) - before)) -ge 50 ]; do :; done
"""
"""Waits until half a processor has nothing to do for a second, unless on a container,
which sees those of its computer."""

OFFERS = {
    "own-clock": "clock of its own",
    "memory-limits": "memory limits",
    "nested-containers": "containers within it",
    "two-servers": "second server beside it",
}
"""What a machine may offer, by name, in words that follow "this machine has no"."""

OFFERED = r"""
# A clock of its own: the first process may set the time (CAP_SYS_TIME, bit 25).
caps=$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/1/status)
[ $(( (0x$caps >> 25) & 1 )) = 0 ] || echo own-clock
# Memory limits: the controller is there for the server's own control groups.
grep -qw memory /sys/fs/cgroup/cgroup.controllers && echo memory-limits
# Nested containers: an overlay can be mounted on the server's own disk.
d=$(mktemp -d /var/tmp/probe.XXXXXX)
mkdir "$d/lower" "$d/upper" "$d/work" "$d/merged"
unshare --mount mount -t overlay overlay \
    -o "lowerdir=$d/lower,upperdir=$d/upper,workdir=$d/work" "$d/merged" \
    2>/dev/null && echo nested-containers
rm -rf "$d"
"""
"""A shell script for the server, as root: prints the names of what it offers,
one a line, of own-clock, memory-limits and nested-containers."""
