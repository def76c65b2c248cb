"""Records are never changed: a trigger refuses it to every role, the owner of the table and superusers included."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_filled boolean;
BEGIN
    -- Emptying an empty table takes nothing away; test suites do it after each test. Only read committed sees
    -- what others committed before the lock of this TRUNCATE was granted.
    IF TG_OP = 'TRUNCATE' AND current_setting('transaction_isolation') = 'read committed' THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', TG_RELID::regclass) INTO is_filled;
        IF NOT is_filled THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;
"""
TRIGGER = """
CREATE TRIGGER history_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- Always: also where session_replication_role switches ordinary triggers off.
ALTER TABLE history_record ENABLE ALWAYS TRIGGER history_record_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION refuse_change()"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER history_record_append_only ON history_record"),
    ]
