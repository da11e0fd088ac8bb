#!/bin/bash
# The part of build.sh that runs within the new system, in a chroot, as root.
# What is done here and in server/Dockerfile must come to the same.
set -Eeuo pipefail
trap 'echo "box/inside.sh: line $LINENO failed: $BASH_COMMAND" >&2' ERR
export DEBIAN_FRONTEND=noninteractive
here=/opt/build

echo "box: provision.sh"
"$here/provision.sh"

echo "box: the shelf (the packages that the labs use)"
"$here/shelf/build.sh" /opt/shelf
apt-get purge --quiet=2 --yes --auto-remove python3-pip >/dev/null
cp -a /opt/shelf/. /opt/lab/
rm -rf /opt/shelf
cp -a --no-preserve=ownership "$here/shelf/etc/." /etc/
cp -a --no-preserve=ownership "$here/project" /opt/lab/project
sed -i 's/^Types:/Enabled: no\nTypes:/' /etc/apt/sources.list.d/debian.sources
rm -rf /var/lib/apt/lists/* /var/cache/apt/*
apt-get update --quiet=2

echo "box: what makes it a virtual machine"
# Vagrant's account: a system account, like labkit's. Its key is the one that all
# of Vagrant's boxes begin with, and Vagrant replaces it when it makes a machine.
useradd --system --create-home --home-dir /opt/lab/vagrant --shell /bin/bash vagrant
usermod --password '*' vagrant
install -d -o vagrant -g vagrant -m 0700 /opt/lab/vagrant/.ssh
install -o vagrant -g vagrant -m 0600 "$here/box/vagrant.pub" /opt/lab/vagrant/.ssh/authorized_keys
chmod 0440 /etc/sudoers.d/vagrant
chmod 0755 /opt/lab/box/*
systemctl --quiet enable systemd-networkd systemd-resolved ssh \
    labkit-door-network.service labkit-door.socket labkit-line.service labkit-clock.service
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
echo lab >/etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 lab\n::1 localhost ip6-localhost ip6-loopback\n' >/etc/hosts
update-initramfs -u >/dev/null 2>&1

# A server's identity is made at its first boot.
rm -f /etc/ssh/ssh_host_*_key* /var/lib/dbus/machine-id
: >/etc/machine-id
rm -rf "$here"
