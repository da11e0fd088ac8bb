#!/bin/bash
# Turn a bare Debian 13 into a lab server: container, VM and rented server alike.
#
#   provision.sh            as root, on the server; running it again is harmless
#
# It adds the account through which labkit looks, the visitor (this server seen
# from outside), an editor, and the marker that says all this has been done. It
# leaves the owner's side (root, sshd's settings, the firewall) as it found it:
# that side is the labs' subject.
set -Eeuo pipefail
trap 'echo "provision.sh: line $LINENO failed: $BASH_COMMAND" >&2' ERR

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
[ "$(. /etc/os-release && echo "$ID-$VERSION_ID")" = debian-13 ] || {
    echo "Error: a lab server is Debian 13; this is $(. /etc/os-release && echo "$PRETTY_NAME")." >&2
    exit 1
}

# What a provider's Debian image has and a container's lacks, plus what the
# checks need: python3 for probes, iproute2 for the visitor, aiosmtpd for mail.
export DEBIAN_FRONTEND=noninteractive
mapfile -t packages < <(grep -v '^#' "$here/packages.txt")
apt-get update --quiet=2
apt-get install --quiet=2 --yes --no-install-recommends "${packages[@]}" >/dev/null

# --- The account labkit logs in with ------------------------------------------
# A system account, so that it is no candidate when a check looks for the
# learner's own. The password field is "*": nothing matches it, and sshd does
# not count the account as locked.
getent passwd labkit >/dev/null ||
    useradd --system --create-home --home-dir /opt/lab/labkit --shell /bin/bash labkit
usermod --password '*' labkit
install -m 0440 "$here/files/sudoers" /etc/sudoers.d/labkit

# labkit's own way in, beside the owner's sshd and not through it: "door" is an
# sshd for one connection on standard input and output.
install -m 0644 "$here/files/labkit_sshd_config" /opt/lab/labkit/sshd_config
install -m 0755 "$here/files/door" /opt/lab/labkit/door
[ -e /opt/lab/labkit/authorized_keys ] ||
    install -m 0644 /dev/null /opt/lab/labkit/authorized_keys

# --- The visitor: what the world sees -----------------------------------------
install -m 0755 "$here/files/visitor" /opt/lab/visitor
install -m 0644 "$here/files/labkit-visitor.service" /etc/systemd/system/labkit-visitor.service
install -D -m 0644 "$here/files/visitor_hosts" /etc/netns/visitor/hosts
systemctl --quiet enable labkit-visitor.service

# --- Letterbox: a mail provider, elsewhere. A lab that uses it runs `join` ------
install -D -m 0644 -t /opt/lab/letterbox "$here/files/letterbox/provider.py"
install -m 0755 -t /opt/lab/letterbox "$here"/files/letterbox/{join,letterbox.py,mode}
install -m 0644 -t /etc/systemd/system "$here/files/letterbox/labkit-letterbox.service"

# --- Host keys belong to one server, not to the image it was made from --------
install -m 0644 "$here/files/labkit-host-keys.service" /etc/systemd/system/labkit-host-keys.service
systemctl --quiet enable labkit-host-keys.service

# --- The marker ---------------------------------------------------------------
echo 'format = 1' >/opt/lab/marker
