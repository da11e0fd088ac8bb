#!/bin/bash
# title: The queue has a password that was changed
# symptom: The provider is back since Monday, and no mail has come since.
# section: Mails that never come
# fails: test_the_mail_comes_later
# says: 535
# reboot: no
set -euo pipefail
sed -i 's/--pass=.*/--pass=changed-last-week/' /etc/nullmailer/remotes
systemctl restart nullmailer
