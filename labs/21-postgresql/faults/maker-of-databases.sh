#!/bin/bash
# title: The role may make databases
# symptom: A colleague finds that the site's role is more than a site's role.
# section: A role that may too much
# fails: test_the_role_may_do_little
# says: make a database
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet --command 'ALTER ROLE board CREATEDB'
