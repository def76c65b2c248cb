"""When a business's sellers are paid next: claimed by one worker."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_uninvited_people"),
        ("orders", "0006_checkouts"),
    ]

    operations = [
        migrations.CreateModel(
            name="PayoutDay",
            fields=[
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.business",
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("problem", models.TextField(blank=True, default="")),
            ],
            options={
                "indexes": [
                    models.Index(
                        "due_at", condition=models.Q(("due_at__isnull", False)), name="payout_day_due"
                    )
                ],
            },
        ),
    ]
