"""Goods, described once."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import sledi.database.keys


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("accounts", "0005_uninvited_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=300)),
                ("description", models.TextField(blank=True, default="", max_length=2000)),
                ("price_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("category", models.CharField(blank=True, default="", max_length=80)),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("weight_g", models.PositiveIntegerField(null=True)),
                ("processing_days_min", models.PositiveSmallIntegerField(null=True)),
                ("processing_days_max", models.PositiveSmallIntegerField(null=True)),
                (
                    "marks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50), default=list, size=None
                    ),
                ),
                ("is_on_sale", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
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
                    "seller",
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
                "indexes": [models.Index(fields=["business", "-id"], name="product_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("business"),
                        django.db.models.functions.text.Upper("code"),
                        name="product_code_once_per_business",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")),
                        name="product_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="product_has_a_name"
                    ),
                    models.CheckConstraint(condition=models.Q(("price_minor__gt", 0)), name="product_price"),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="product_currency"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("processing_days_min", None),
                            models.Q(
                                ("processing_days_max__isnull", False),
                                ("processing_days_min__lte", models.F("processing_days_max")),
                            ),
                            _connector="OR",
                        ),
                        name="product_processing_days",
                    ),
                ],
            },
        ),
    ]
