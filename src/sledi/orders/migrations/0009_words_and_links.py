"""What a profile says in its letters goes with the news; links by which an end buyer follows his order."""

import django.db.models.deletion
from django.db import migrations, models

import sledi.database.keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_uninvited_people"),
        ("orders", "0008_what_is_late"),
    ]

    operations = [
        migrations.AddField(model_name="outbox", name="words", field=models.JSONField(default=dict)),
        migrations.CreateModel(
            name="RecipientLink",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("role", models.CharField(max_length=20)),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(blank=True, default="", max_length=200)),
                ("revoked_at", models.DateTimeField(null=True)),
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
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(models.F("order"), name="link_of_order")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("order"),
                        models.F("role"),
                        condition=models.Q(("revoked_at", None)),
                        name="link_good_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["buyer", "end_buyer"])), name="link_role_known"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE orders_recipientlink ADD CONSTRAINT link_order_in_its_business"
            " FOREIGN KEY (business_id, order_id)"
            " REFERENCES orders_order (business_id, id) DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE orders_recipientlink DROP CONSTRAINT link_order_in_its_business",
        ),
    ]
