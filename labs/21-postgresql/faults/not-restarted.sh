#!/bin/bash
# title: The old process goes on
# symptom: What members have posted since the move can't be found in PostgreSQL.
# section: The old database is back
# fails: test_members_can_post test_it_lives_through_a_stop
# says: was answered with 200
# reboot: no
set -euo pipefail
cp --preserve=mode,ownership /etc/board/settings.py /root/settings.new
install --owner board --group board --mode 0640 \
    /root/board-before-postgresql.sqlite3 /var/lib/board/db.sqlite3
sed -i '/^# Lab 21/,$d' /etc/board/settings.py
systemctl restart board
# A worker has read its settings once it has the driver of their database.
main=$(systemctl show --property MainPID --value board)
read_by() {
    for worker in $(pgrep --parent "$main"); do
        ! grep --quiet _sqlite3 "/proc/$worker/maps" || echo "$worker"
    done
}
until [ "$(read_by | wc --lines)" = 3 ]; do
    sleep 0.2
done
mv /root/settings.new /etc/board/settings.py
