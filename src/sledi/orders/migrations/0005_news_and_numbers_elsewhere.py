"""News also of events that leave the status as it is; refused news by trace; items by what their moves supplied."""

from django.db import migrations

HEAR = """
CREATE OR REPLACE FUNCTION orders_hear() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO orders_news (id, trace_id, status, created_at, due_at, attempts, problem)
    SELECT o.id, o.trace_id, o.status, o.created_at, o.created_at, 0, '' FROM told o
    WHERE {when} AND EXISTS (SELECT 1 FROM parcels_alias a WHERE a.trace_id = o.trace_id);
    RETURN NULL;
END $$;
"""
# A milestone can be reached within a status: on its way before the border, on its way behind it.
ANY_EVENT = "(o.status <> o.previous_status OR o.code <> o.previous_code)"
NEW_STATUS = "o.status <> o.previous_status"


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_since_when_deadlines_count"),
    ]

    operations = [
        migrations.RunSQL(HEAR.format(when=ANY_EVENT), HEAR.format(when=NEW_STATUS)),
        migrations.RunSQL(
            "CREATE INDEX news_refused ON orders_news (trace_id) WHERE problem <> ''",
            "DROP INDEX news_refused",
        ),
        migrations.RunSQL(
            "CREATE INDEX item_by_supplied ON orders_item USING gin (fields jsonb_path_ops)",
            "DROP INDEX item_by_supplied",
        ),
    ]
