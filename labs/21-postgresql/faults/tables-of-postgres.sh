#!/bin/bash
# title: The tables belong to postgres
# symptom: After a copy was loaded by hand, every page is a 500.
# section: Permission denied for table
# fails: test_site_answers
# says: permission denied for table
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet board <<'SQL'
DO $$
DECLARE t record;
BEGIN
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('ALTER TABLE %I OWNER TO postgres', t.tablename);
    END LOOP;
END $$;
SQL
