#!/bin/bash
# Take away from a rented server all that prepare.sh and provision.sh added.
#
#   withdraw.sh [KEY]   as root, on the server; KEY is the public key to take out
#                       of root's authorized_keys. Running it again is harmless.
#
# Prints a line "stays: PACKAGE" for each package that something needs by now.
# Labkit's account goes last, so that a run that was cut short can be repeated.
set -Eeuo pipefail
trap 'echo "withdraw.sh: line $LINENO failed: $BASH_COMMAND" >&2' ERR

# What the packages named on standard input need, themselves included.
needs() {
    xargs -r apt-cache depends --recurse --installed --no-recommends --no-suggests \
        --no-conflicts --no-breaks --no-replaces --no-enhances | sed -n 's/^\w\S*$/&/p' | sort
}

# Those of the packages on standard input that nobody else needs by now: neither
# another package, nor a person who becomes root with sudo, nor a virtual environment.
removable() {
    local given gone extra
    given=$(sort)
    gone=$({
        if [ -n "$(find / -xdev -name pyvenv.cfg -print -quit)" ]; then echo python3; fi
        if [ -n "$(getent group sudo | cut -d: -f4)" ] ||
            [ -n "$(find /etc/sudoers.d -type f ! -name labkit ! -name README)" ]; then
            echo sudo
        fi
    } | needs | comm -13 - <(echo "$given"))
    while [ -n "$gone" ]; do
        # shellcheck disable=SC2086
        extra=$(apt-get --simulate purge $gone |
            sed -n 's/^\(Remv\|Purg\) \([^ ]*\) .*/\2/p' | sort | comm -13 <(echo "$gone") -)
        [ -n "$extra" ] || break
        gone=$(needs <<<"$extra" | comm -13 - <(echo "$gone"))
    done
    echo "$gone"
}

remove_packages() {
    local added=/opt/lab/packages.added present gone
    [ -s "$added" ] || return 0
    present=$(dpkg-query --show --showformat='${db:Status-Abbrev} ${Package}\n' |
        sed -n 's/^ii *//p' | sort | comm -12 - "$added")
    gone=$(removable <<<"$present")
    # sudo refuses to go where root has no password: root has a key here.
    # shellcheck disable=SC2086
    [ -z "$gone" ] || DEBIAN_FRONTEND=noninteractive SUDO_FORCE_REMOVE=yes apt-get \
        -o DPkg::Lock::Timeout=60 --quiet=2 --yes purge $gone >/dev/null
    comm -23 <(echo "$present") <(echo "$gone") | sed '/^$/d; s/^/stays: /'
}

# What the mail provider's `join` has made, if a lab has run it.
leave_letterbox() {
    local trusted=/usr/local/share/ca-certificates/letterbox.crt hosts
    rm -rf /root/letterbox.txt /usr/local/bin/letterbox \
        /var/lib/labkit-letterbox /var/lib/private/labkit-letterbox
    if [ -e "$trusted" ]; then
        rm "$trusted"
        update-ca-certificates --fresh >/dev/null 2>&1
    fi
    # A container's hosts file can't be replaced, only written.
    if grep -q letterbox.test /etc/hosts; then
        hosts=$(grep -v letterbox.test /etc/hosts)
        echo "$hosts" >/etc/hosts
    fi
}

# Whole or not at all: the script may come over a connection that breaks off.
main() {
    local key=${1:-} kept=/root/.ssh/authorized_keys unit
    # Nothing is touched where there is no sign of labkit's.
    [ -e /opt/lab/marker ] || [ -e /opt/lab/packages.before ] || return 0
    for unit in labkit-letterbox.service labkit-visitor.service labkit-host-keys.service; do
        systemctl --quiet disable --now "$unit" 2>/dev/null || true
        rm -f "/etc/systemd/system/$unit"
    done
    systemctl daemon-reload
    leave_letterbox
    ip netns delete visitor 2>/dev/null || true
    ip link delete visitor0 2>/dev/null || true
    rm -rf /etc/netns/visitor
    [ ! -d /etc/netns ] || rmdir --ignore-fail-on-non-empty /etc/netns

    if [ -n "$key" ] && [ -e "$kept" ]; then
        sed -i "\|^$key|d" "$kept"
        if [ ! -s "$kept" ]; then
            rm "$kept"
            rmdir --ignore-fail-on-non-empty /root/.ssh
        fi
    fi
    remove_packages

    rm -f /etc/sudoers.d/labkit
    # Forced: labkit may be logged in, to run this.
    userdel --force labkit 2>/dev/null || true
    rm -rf /opt/lab
}
main "$@"
