import django.db.models.deletion
from django.db import migrations, models

import sledi.database.keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_address_book"),
        ("orders", "0012_items_from_products"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderLookup",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("reference", models.CharField(max_length=60)),
                ("language", models.CharField(max_length=10)),
                ("role", models.CharField(blank=True, default="", max_length=20)),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("problem", models.TextField(blank=True, default="")),
                ("sent_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
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
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("due_at"), condition=models.Q(("due_at__isnull", False)), name="lookup_due"
                    ),
                    models.Index(models.F("created_at"), name="lookup_old"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["", "buyer", "end_buyer"])), name="lookup_role_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("used_at", None),
                            models.Q(("order__isnull", False), ("sent_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="lookup_used_after_it_was_sent",
                    ),
                ],
            },
        ),
    ]
