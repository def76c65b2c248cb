"""What no constraint of a row can say: sets that are zero together, rows that never change, ends that happen once."""

from django.db import migrations

ZERO = """
CREATE FUNCTION ledger_set_is_zero() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM ledger_entry e
        JOIN ledger_account a ON a.id = e.account_id
        JOIN ledger_entryset s ON s.id = e.entry_set_id
        WHERE e.entry_set_id = NEW.entry_set_id
        GROUP BY a.currency
        HAVING sum(e.amount) <> 0 OR bool_or(e.business_id <> a.business_id OR e.business_id <> s.business_id);
    IF FOUND THEN
        RAISE EXCEPTION 'entry set % is not zero in a currency, or not of one business', NEW.entry_set_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER ledger_entry_zero AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_set_is_zero();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_entry_zero;
"""
NOT_ZERO = """
DROP TRIGGER ledger_entry_zero ON ledger_entry;
DROP FUNCTION ledger_set_is_zero();
"""
APPEND_ONLY = """
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER ledger_entry_append_only;
CREATE TRIGGER ledger_entryset_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entryset
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE ledger_entryset ENABLE ALWAYS TRIGGER ledger_entryset_append_only;
-- The trigger already refuses; the right is taken as well. Of sets it cannot be: a foreign key locks them.
REVOKE UPDATE, DELETE ON ledger_entry FROM CURRENT_USER, PUBLIC;
"""
CHANGEABLE = """
GRANT UPDATE, DELETE ON ledger_entry TO CURRENT_USER;
DROP TRIGGER ledger_entryset_append_only ON ledger_entryset;
DROP TRIGGER ledger_entry_append_only ON ledger_entry;
"""
ENDED_ONCE = """
CREATE FUNCTION refuse_second_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% % has ended: %', TG_TABLE_NAME, OLD.id, OLD.status USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER ledger_hold_ends_once BEFORE UPDATE ON ledger_hold
    FOR EACH ROW WHEN (OLD.status <> 'pending') EXECUTE FUNCTION refuse_second_end();
ALTER TABLE ledger_hold ENABLE ALWAYS TRIGGER ledger_hold_ends_once;
CREATE TRIGGER ledger_payout_ends_once BEFORE UPDATE ON ledger_payout
    FOR EACH ROW WHEN (OLD.status <> 'in_transit') EXECUTE FUNCTION refuse_second_end();
ALTER TABLE ledger_payout ENABLE ALWAYS TRIGGER ledger_payout_ends_once;
"""
ENDED_OFTEN = """
DROP TRIGGER ledger_payout_ends_once ON ledger_payout;
DROP TRIGGER ledger_hold_ends_once ON ledger_hold;
DROP FUNCTION refuse_second_end();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0001_initial"),
        ("history", "0002_append_only"),  # its refuse_change()
    ]

    operations = [
        migrations.RunSQL(ZERO, NOT_ZERO),
        migrations.RunSQL(APPEND_ONLY, CHANGEABLE),
        migrations.RunSQL(ENDED_ONCE, ENDED_OFTEN),
    ]
