"""Somebody was sent to a payment provider, and what became of it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import sledi.database.keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_uninvited_people"),
        ("orders", "0005_news_and_numbers_elsewhere"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Checkout",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("provider", models.CharField(max_length=40)),
                ("reference", models.CharField(max_length=200, null=True)),
                ("address", models.TextField(blank=True, default="")),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("state", models.CharField(default="opening", max_length=20)),
                ("refunded_minor", models.BigIntegerField(default=0)),
                ("problem", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.SmallIntegerField(default=0)),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("due_at"), condition=models.Q(("due_at__isnull", False)), name="checkout_due"
                    ),
                    models.Index(
                        models.F("business"),
                        models.F("order"),
                        condition=models.Q(("order__isnull", False)),
                        name="checkout_of_order",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("provider"), models.F("reference"), name="checkout_reference_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("order", None), ("person__isnull", False)),
                            models.Q(("order__isnull", False), ("person", None)),
                            _connector="OR",
                        ),
                        name="checkout_of_one_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="checkout_amount"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("refunded_minor__gte", 0), ("refunded_minor__lte", models.F("amount_minor"))
                        ),
                        name="checkout_refunded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "opening",
                                    "open",
                                    "paid",
                                    "failed",
                                    "partially_refunded",
                                    "refunded",
                                    "doubtful",
                                ],
                            )
                        ),
                        name="checkout_state_known",
                    ),
                    models.UniqueConstraint(
                        models.F("business"),
                        models.F("order"),
                        condition=models.Q(("order__isnull", False), ("state__in", ["opening", "open"])),
                        name="checkout_one_open_per_order",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE orders_checkout ADD CONSTRAINT checkout_order_in_its_business FOREIGN KEY (business_id, order_id)"
            " REFERENCES orders_order (business_id, id) DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE orders_checkout DROP CONSTRAINT checkout_order_in_its_business",
        ),
    ]
