"""Orders and items by the flags their deadlines raised: the lists of what is late. Most rows have none."""

import django.contrib.postgres.indexes
from django.db import migrations, models

_FLAGGED = models.Q(("flags", []), _negated=True)


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0007_payout_days"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=_FLAGGED, fields=["flags"], name="order_by_flag"
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=_FLAGGED, fields=["flags"], name="item_by_flag"
            ),
        ),
    ]
