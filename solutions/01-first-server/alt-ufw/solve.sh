#!/bin/bash
# Another right answer: ufw for the firewall, AllowUsers and AuthenticationMethods
# instead of switching methods off, a home-made timer instead of
# unattended-upgrades, a password for sudo.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends \
    ufw chrony >/dev/null

getent passwd maria >/dev/null || adduser --quiet --disabled-password --comment '' maria
echo "maria:$(head -c 18 /dev/urandom | base64)" | chpasswd
adduser --quiet maria sudo
mkdir -p /home/maria/.ssh
cp /root/.ssh/authorized_keys /home/maria/.ssh/authorized_keys
chown -R maria:maria /home/maria/.ssh
chmod -R go= /home/maria/.ssh

cat >/etc/ssh/sshd_config.d/10-maria.conf <<'CONF'
AllowUsers maria
AuthenticationMethods publickey
PasswordAuthentication no
CONF
systemctl restart ssh

ufw allow 22/tcp >/dev/null
ufw --force enable >/dev/null

cat >/etc/systemd/system/nightly-upgrade.service <<'UNIT'
[Service]
Type=oneshot
Environment=DEBIAN_FRONTEND=noninteractive
ExecStart=/usr/bin/apt-get --quiet=2 update
ExecStart=/usr/bin/apt-get --quiet=2 --yes upgrade
UNIT
cat >/etc/systemd/system/nightly-upgrade.timer <<'UNIT'
[Timer]
OnCalendar=*-*-* 04:00
[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --quiet --now nightly-upgrade.timer
