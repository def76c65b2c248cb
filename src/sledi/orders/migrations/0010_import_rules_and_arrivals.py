"""What may not be brought into a country, and what has come that nobody waits for."""

import django.db.models.deletion
from django.db import migrations, models

import sledi.database.keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_uninvited_people"),
        ("orders", "0009_words_and_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=64)),
                ("fields", models.JSONField(default=dict)),
                ("arrived_at", models.DateTimeField()),
                ("scanned_by", models.CharField(max_length=200)),
                ("identified_at", models.DateTimeField(null=True)),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.item",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("business"),
                        models.F("arrived_at"),
                        condition=models.Q(("identified_at", None)),
                        name="arrival_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("business"),
                        models.F("number"),
                        condition=models.Q(("identified_at", None)),
                        name="arrival_waits_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("identified_at", None), ("item__isnull", False), _connector="OR"),
                        name="arrival_identified_as_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("destination", models.CharField(max_length=2)),
                ("category", models.CharField(max_length=80)),
                ("text", models.CharField(max_length=1000)),
                ("source", models.CharField(max_length=300)),
                ("stated_on", models.DateField()),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("business"),
                        models.F("destination"),
                        models.F("category"),
                        name="import_rule_once_per_category",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("destination__regex", "^[A-Z]{2}$")), name="import_rule_country"
                    ),
                ],
            },
        ),
        # What was identified is an item of the same business.
        migrations.RunSQL(
            "ALTER TABLE orders_arrival ADD CONSTRAINT arrival_item_in_its_business"
            " FOREIGN KEY (business_id, item_id) REFERENCES orders_item (business_id, id)"
            " DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE orders_arrival DROP CONSTRAINT arrival_item_in_its_business",
        ),
    ]
