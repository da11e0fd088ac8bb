#!/bin/bash
# The reference solution of lab 01. Runs as root; running it again is harmless.
set -euo pipefail
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive

echo "Installing the firewall, the updates and the time service"
apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends \
    nftables unattended-upgrades systemd-timesyncd >/dev/null

echo "Making the user alice, who logs in with root's key"
getent passwd alice >/dev/null || useradd --create-home --shell /bin/bash alice
usermod --append --groups sudo alice
install --directory --owner alice --group alice --mode 0700 /home/alice/.ssh
install --owner alice --group alice --mode 0600 \
    /root/.ssh/authorized_keys /home/alice/.ssh/authorized_keys
# You choose a password with `passwd alice`. A script can't choose one that you
# would know, so the reference lets sudo ask for none.
install --mode 0440 files/sudoers-alice /etc/sudoers.d/alice

echo "Closing ssh to root and to passwords"
install --mode 0644 files/00-keys-only.conf /etc/ssh/sshd_config.d/00-keys-only.conf
sshd -t
systemctl reload ssh

echo "Closing every port but 22"
install --mode 0644 files/nftables.conf /etc/nftables.conf
nft --check --file /etc/nftables.conf
systemctl enable --quiet nftables
systemctl reload-or-restart nftables

echo "Turning on the updates"
install --mode 0644 files/20auto-upgrades /etc/apt/apt.conf.d/20auto-upgrades
systemctl enable --quiet --now apt-daily.timer apt-daily-upgrade.timer
