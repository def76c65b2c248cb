"""Indexes of lists and queues: every state is walked in the order of the list, however many rows stand in it."""

from django.db import migrations

NEWEST = "CREATE INDEX order_of_state_newest ON orders_order (business_id, state, placed_at DESC, id DESC)"
QUEUES = {
    "order_queue": "orders_order",
    "item_queue": "orders_item",
}


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_one_business")]

    operations = [
        migrations.RunSQL(NEWEST, "DROP INDEX order_of_state_newest"),
        *(
            migrations.RunSQL(
                f"CREATE INDEX {name} ON {table} (business_id, state, state_since, id)", f"DROP INDEX {name}"
            )
            for name, table in QUEUES.items()
        ),
    ]
