#!/bin/bash
# Make a rented Debian 13 a lab server, and keep record of what withdraw.sh takes away.
#
#   prepare.sh      as root, on the server, beside provision.sh and what it needs,
#                   project/, and keys/ (the public keys of a checkout)
#
# Running it again is harmless, also after it was cut short.
set -Eeuo pipefail
trap 'echo "prepare.sh: line $LINENO failed: $BASH_COMMAND" >&2' ERR
cd "$(dirname "${BASH_SOURCE[0]}")"

installed() { dpkg-query --show --showformat='${db:Status-Abbrev} ${Package}\n' | sed -n 's/^ii *//p' | sort; }

echo "Keeping record of what is there"
install -d -m 0755 /opt/lab
if [ ! -e /opt/lab/packages.before ]; then
    apt-mark showauto | sort >/opt/lab/packages.auto
    installed >/opt/lab/packages.before.part
    mv /opt/lab/packages.before.part /opt/lab/packages.before
fi

echo "Running provision.sh"
# What the owner has installed stays in the version that it has.
echo 'APT::Get::Upgrade "false";' >apt.conf
APT_CONFIG=$PWD/apt.conf bash provision.sh
grep -v '^#' packages.txt | sort | comm -12 - /opt/lab/packages.auto | xargs -r apt-mark auto >/dev/null
[ -e /opt/lab/packages.added ] ||
    installed | comm -13 /opt/lab/packages.before - >/opt/lab/packages.added

echo "Bringing the site that the labs deploy"
rm -rf /opt/lab/project
cp -r project /opt/lab/project
chown -R root:root /opt/lab/project

echo "Letting this checkout's keys in"
# sshd looks for the key in the account's home, labkit's own sshd beside it.
install -m 0644 keys/labkit.pub /opt/lab/labkit/authorized_keys
install -d -o labkit -g labkit -m 0700 /opt/lab/labkit/.ssh
ln -sfn ../authorized_keys /opt/lab/labkit/.ssh/authorized_keys
install -d -m 0700 /root/.ssh
kept=/root/.ssh/authorized_keys
if ! grep -qsxF -f keys/learner.pub "$kept"; then
    [ -e "$kept" ] || install -m 0600 /dev/null "$kept"
    # A last line without its end would swallow the key.
    [ -z "$(tail -c 1 "$kept")" ] || echo >>"$kept"
    cat keys/learner.pub >>"$kept"
fi

echo "Starting the visitor"
systemctl daemon-reload
systemctl restart labkit-visitor.service
