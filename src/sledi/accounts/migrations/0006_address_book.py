import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import sledi.database.keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_uninvited_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("recipient_name", models.CharField(max_length=200)),
                ("recipient_phone", models.CharField(blank=True, default="", max_length=20)),
                ("postcode", models.CharField(blank=True, default="", max_length=200)),
                ("region", models.CharField(blank=True, default="", max_length=200)),
                ("city", models.CharField(max_length=200)),
                ("street", models.CharField(max_length=200)),
                ("destination", models.CharField(max_length=2)),
                ("digest", models.BinaryField(max_length=32)),
                ("is_usual", models.BooleanField(default=False)),
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("business"), models.F("person"), models.F("digest"), name="address_once"
                    ),
                    models.UniqueConstraint(
                        models.F("business"),
                        models.F("person"),
                        condition=models.Q(("is_usual", True)),
                        name="address_one_usual",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("destination__regex", "^[A-Z]{2}$")), name="address_country"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("recipient_phone__regex", "^[0-9]*$")), name="address_phone"
                    ),
                ],
            },
        ),
    ]
