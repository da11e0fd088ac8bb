#!/bin/bash
# title: The proof holds the asterisks
# symptom: The report on the leak says that nothing leaked.
# section: The key is asterisks
# fails: test_the_leak_is_proven
# says: is not the key
# reboot: no
set -euo pipefail
echo '********************' >/root/leaked-key
