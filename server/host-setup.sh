#!/bin/sh
# Install what this computer lacks to run the labs, and start it.
#
#   server/host-setup.sh NEED...     NEED is one of: python ssh docker mmdebstrap
#                                vm (Vagrant, libvirt and QEMU, for servers that are
#                                    virtual machines)
#                                box (what builds the virtual machine's box)
#                                browser (Chromium and its driver, for the tests)
#                                spelling (hunspell and its British words, for the tests)
#
# Says what it is going to do before it does it; does nothing for a need that
# is already met. Knows Debian and its relatives; elsewhere it names the
# package to install and stops. Exit codes: 0 every need is met, 1 one is not.
set -eu

# An ordinary user's PATH lacks the places of mke2fs and sfdisk on Debian.
PATH=$PATH:/usr/sbin:/sbin

say()  { printf '%s\n' "$*"; }
fail() { printf 'Error: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Run a command, and say every ten seconds that it is still at work.
patiently() {
    "$@" &
    working=$!
    seconds=0
    while kill -0 "$working" 2>/dev/null; do
        sleep 1
        seconds=$((seconds + 1))
        [ $((seconds % 10)) != 0 ] || say "  still at work, $seconds s"
    done
    wait "$working"
}

quietly_apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@" >"$log" 2>&1
}

docker_answers()  { docker info >/dev/null 2>&1; }
libvirt_answers() { virsh --connect qemu:///system version >/dev/null 2>&1; }
has_systemd()     { [ -d /run/systemd/system ]; }

# An emulated Debian 13 panics after some minutes under QEMU 7.2, which Debian 12
# has; QEMU 10 is in that Debian's backports. QEMU 8 and 9 were not tried.
qemu_is_new_enough() {
    version=$("qemu-system-$(uname -m)" --version 2>/dev/null | sed -n 's/^QEMU.* version \([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 8 ]
}
is_bookworm() { grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release; }

has_vagrant_libvirt() {
    dpkg -s vagrant-libvirt >/dev/null 2>&1 || vagrant plugin list 2>/dev/null | grep -q vagrant-libvirt
}

# Is need $1 met? "python" means a Python that can make virtual environments.
met() {
    case $1 in
        python)     python3 -c 'import venv, ensurepip' 2>/dev/null ;;
        ssh)        command -v ssh >/dev/null && command -v ssh-keygen >/dev/null ;;
        docker)     docker_answers ;;
        mmdebstrap) command -v mmdebstrap >/dev/null ;;
        browser)    command -v chromium >/dev/null && command -v chromedriver >/dev/null ;;
        spelling)   hunspell -D </dev/null 2>&1 | grep -q '/en_GB$' ;;
        vm)         command -v vagrant >/dev/null && has_vagrant_libvirt &&
                        command -v dnsmasq >/dev/null && qemu_is_new_enough && libvirt_answers ;;
        box)        command -v mmdebstrap >/dev/null && command -v mke2fs >/dev/null &&
                        command -v sfdisk >/dev/null && command -v qemu-img >/dev/null &&
                        command -v grub-mkimage >/dev/null && [ -e /usr/lib/grub/i386-pc/boot.img ] &&
                        command -v newuidmap >/dev/null ;;
        *)          fail "unknown need '$1'; known: python ssh docker mmdebstrap vm box browser spelling" ;;
    esac
}

# The Debian packages that meet need $1. Debian 13 moved Docker's command line
# into a package of its own; Debian 12 has it inside docker.io.
packages_for() {
    case $1 in
        python)     echo python3 python3-venv ca-certificates ;;
        ssh)        echo openssh-client ;;
        mmdebstrap) echo mmdebstrap ;;
        browser)    echo chromium chromium-driver ;;
        spelling)   echo hunspell hunspell-en-gb ;;
        box)        echo mmdebstrap e2fsprogs fdisk grub-common grub-pc-bin qemu-utils uidmap ;;
        vm)
            echo vagrant vagrant-libvirt libvirt-daemon-system libvirt-clients \
                libvirt-daemon-driver-qemu dnsmasq-base iptables
            is_bookworm || qemu_packages ;;
        docker)
            command -v dockerd >/dev/null || echo docker.io iptables
            if ! command -v docker >/dev/null &&
                apt-cache show docker-cli 2>/dev/null | grep -q '^Package:'; then
                echo docker-cli
            fi ;;
    esac
}

qemu_packages() {
    case $(uname -m) in
        x86_64)  echo qemu-system-x86 qemu-utils ;;
        aarch64) echo qemu-system-arm qemu-efi-aarch64 qemu-utils ;;
    esac
}

# Debian 12's backports, from where this computer has Debian 12 from.
list_backports() {
    ! apt-cache policy 2>/dev/null | grep -q 'n=bookworm-backports' || return 0
    mirror=$(sed -n '/^URIs:/{s/^URIs: *//p;q}' /etc/apt/sources.list.d/debian.sources 2>/dev/null)
    [ -n "$mirror" ] ||
        mirror=$(sed -n 's/^deb \(\[[^]]*\] *\)*\([^ ]*\) bookworm main.*/\2/p' /etc/apt/sources.list 2>/dev/null | head -n 1)
    [ -n "$mirror" ] || fail "this Debian 12 does not say where its packages are from. Next: add bookworm-backports to its apt sources, and repeat the command"
    say "Adding Debian 12's backports ($backports) ..."
    echo "deb $mirror bookworm-backports main" | as_root tee "$backports" >/dev/null
}

# Where there is no systemd, nothing starts libvirt, and QEMU can't run as a user of
# its own: libvirt would then ask it anew at each call what it can do, for 8 to 16
# seconds. Its machines go before the containers: an emulated one that gets one share
# among theirs is not back from a reboot in time. (Version 1 of the control groups;
# there Docker's, below, have no processor time of their own.)
start_libvirt() {
    if has_systemd; then
        say "Starting the libvirt service ..."
        as_root systemctl enable --now libvirtd >/dev/null 2>&1 ||
            fail "systemd could not start libvirt. Next: systemctl status libvirtd"
    else
        say "Starting libvirt in the background, QEMU as root ..."
        as_root sh -eu -c '
            mkdir -p /run/libvirt /var/log/libvirt
            grep -q "^user = " /etc/libvirt/qemu.conf ||
                printf "user = \"root\"\ngroup = \"root\"\n" >>/etc/libvirt/qemu.conf
            if [ -w /sys/fs/cgroup/cpu ]; then
                mkdir -p /sys/fs/cgroup/cpu/machine
                echo 16384 >/sys/fs/cgroup/cpu/machine/cpu.shares
            fi
            pgrep -x virtlogd >/dev/null || virtlogd --daemon --pid-file /run/virtlogd.pid
            pgrep -x libvirtd >/dev/null || libvirtd --daemon --pid-file /run/libvirtd.pid'
    fi
    tries=0
    until as_root virsh --connect qemu:///system version >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -le 60 ] || fail "libvirt does not answer after 60 seconds. Next: virsh --connect qemu:///system version"
        sleep 1
    done
    if ! libvirt_answers; then
        user=$(id -un)
        say "Adding $user to the group libvirt ..."
        as_root usermod -aG libvirt "$user"
        fail "libvirt runs; your session does not know yet that you may use it. Next: log out and in again, then repeat the command"
    fi
}

# systemd within a container needs control groups version 2. Where the computer
# still has version 1, the engine gets version 2 in a mount namespace of its
# own, and nothing changes for the rest of the computer.
start_docker() {
    if has_systemd; then
        say "Starting the Docker service ..."
        as_root systemctl enable --now docker >/dev/null 2>&1 ||
            fail "systemd could not start Docker. Next: systemctl status docker"
    else
        log=/var/log/dockerd.log
        # An engine that was killed leaves its process id behind, and the next one
        # would take whoever has that id now for a running engine.
        pid=/var/run/docker.pid
        if [ -e "$pid" ] && ! grep -qs dockerd "/proc/$(cat "$pid")/cmdline"; then
            as_root rm -f "$pid"
        fi
        say "Starting the Docker engine in the background (log: $log) ..."
        if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
            as_root sh -c "setsid dockerd >>$log 2>&1 </dev/null &"
        else
            as_root sh -c "setsid unshare --mount sh -c '
                umount -R /sys/fs/cgroup
                mount -t cgroup2 none /sys/fs/cgroup
                exec dockerd' >>$log 2>&1 </dev/null &"
        fi
    fi
    tries=0
    until as_root docker info >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -le 60 ] || fail "Docker does not answer after 60 seconds. Next: read ${log:-journalctl -u docker}"
        sleep 1
    done
    if ! docker_answers; then
        user=$(id -un)
        say "Adding $user to the group docker ..."
        as_root usermod -aG docker "$user"
        fail "Docker runs; your session does not know yet that you may use it. Next: log out and in again, then repeat the command"
    fi
}

missing=
for need in "$@"; do
    met "$need" || missing="$missing $need"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    case $(uname -s) in
        Darwin) fail "missing:$missing. Next: install Docker Desktop and Python 3.11 or newer (for the tests, chromium, chromedriver and hunspell too), start Docker Desktop, and repeat the command" ;;
        *)      fail "missing:$missing. This script installs on Debian and Ubuntu only. Next: install these with your system's package manager, start Docker, and repeat the command" ;;
    esac
fi
if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    fail "missing:$missing. Installing needs root, and there is no sudo here. Next: run as root: $0$missing"
fi

packages=
for need in $missing; do
    packages="$packages $(packages_for "$need" | tr '\n' ' ')"
done
# Unquoted on purpose, here and below: a list of words, with single spaces.
packages=$(echo $packages)

say "This computer lacks:$missing. What happens now:"
[ -z "$packages" ] || say "- install Debian packages: $packages"
backports=/etc/apt/sources.list.d/open-box-backports.list
newer=
case $missing in
    *vm*)
        if is_bookworm && ! qemu_is_new_enough; then
            newer=$(qemu_packages)
            say "- install from Debian 12's backports, listed in $backports: $newer"
        fi ;;
esac
case $missing in
    *docker*) say "- start the Docker engine" ;;
esac
case $missing in
    *vm*) has_systemd && say "- start libvirt" || say "- start libvirt, with QEMU running as root (/etc/libvirt/qemu.conf)" ;;
esac

if [ -n "$packages" ]; then
    [ -z "$newer" ] || list_backports
    log=$(mktemp)
    options="--yes --no-install-recommends"
    for step in "update" "${newer:+install $options --target-release bookworm-backports $newer}" "install $options $packages"; do
        [ -n "$step" ] || continue
        say "Running apt-get ${step%% *} ..."
        # shellcheck disable=SC2086
        patiently quietly_apt_get $step || {
            tail -n 5 "$log" >&2
            fail "apt-get ${step%% *} failed; its last lines are above, all of it is in $log. Next: mend what it says, and repeat the command"
        }
    done
    rm -f "$log"
fi
case $missing in
    *docker*) docker_answers || start_docker ;;
esac
case $missing in
    *vm*) libvirt_answers || start_libvirt ;;
esac
for need in $missing; do
    met "$need" || fail "'$need' is still missing after the installation. Next: install it by hand ($(packages_for "$need" | tr '\n' ' ')) and repeat the command"
done
say "This computer is ready."
