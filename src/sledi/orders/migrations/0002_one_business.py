"""What Django cannot say: rows point inside their own business; a parcel holds no more than there is; news."""

from django.db import migrations

# (table, column, table pointed to)
INSIDE = [
    ("orders_item", "order_id", "orders_order"),
    ("orders_item", "origin_id", "orders_item"),
    ("orders_content", "item_id", "orders_item"),
    ("orders_content", "parcel_id", "parcels_parcel"),
    ("orders_loading", "order_id", "orders_order"),
    ("orders_loading", "parcel_id", "parcels_parcel"),
    ("orders_loading", "haul_id", "parcels_haul"),
    ("orders_case", "order_id", "orders_order"),
    ("orders_case", "item_id", "orders_item"),
]


def _name(table: str, column: str) -> str:
    return f"{table.removeprefix('orders_')}_{column.removesuffix('_id')}_in_its_business"


def _inside(table: str, column: str, target: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {_name(table, column)} FOREIGN KEY (business_id, {column})"
        f" REFERENCES {target} (business_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {_name(table, column)}",
    )


# Deferred, because splitting an item lowers its quantity before its contents follow.
CONTENTS = """
CREATE FUNCTION orders_contents_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked uuid := CASE TG_TABLE_NAME WHEN 'orders_item' THEN NEW.id ELSE (to_jsonb(NEW) ->> 'item_id')::uuid END;
BEGIN
    IF (SELECT sum(quantity) FROM orders_content WHERE item_id = checked)
        > (SELECT quantity FROM orders_item WHERE id = checked) THEN
        RAISE EXCEPTION 'item % lies in parcels more often than it exists', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contents_fit_the_item';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER contents_fit_the_item AFTER INSERT OR UPDATE OF quantity, item_id ON orders_content
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION orders_contents_fit();
CREATE CONSTRAINT TRIGGER item_covers_its_contents AFTER UPDATE OF quantity ON orders_item
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.quantity < OLD.quantity) EXECUTE FUNCTION orders_contents_fit();
CREATE INDEX content_of_item ON orders_content (item_id);
"""
CONTENTS_AWAY = """
DROP INDEX content_of_item;
DROP TRIGGER item_covers_its_contents ON orders_item;
DROP TRIGGER contents_fit_the_item ON orders_content;
DROP FUNCTION orders_contents_fit();
"""

NEWS = """
CREATE FUNCTION orders_hear() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO orders_news (id, trace_id, status, created_at, due_at, attempts, problem)
    SELECT o.id, o.trace_id, o.status, o.created_at, o.created_at, 0, '' FROM told o
    WHERE o.status <> o.previous_status
        AND EXISTS (SELECT 1 FROM parcels_alias a WHERE a.trace_id = o.trace_id);
    RETURN NULL;
END $$;
CREATE TRIGGER orders_hear AFTER INSERT ON tracking_outbox
    REFERENCING NEW TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION orders_hear();
"""
NEWS_AWAY = """
DROP TRIGGER orders_hear ON tracking_outbox;
DROP FUNCTION orders_hear();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
        ("parcels", "0001_initial"),
        ("tracking", "0002_stale_still_to_announce"),
    ]

    operations = [
        *(_inside(*row) for row in INSIDE),
        migrations.RunSQL(CONTENTS, CONTENTS_AWAY),
        migrations.RunSQL(NEWS, NEWS_AWAY),
    ]
