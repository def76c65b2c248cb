"""Parcels and hauls are found by the flags that deadlines raised."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parcels", "0003_who_watches")]

    operations = [
        migrations.AddIndex(
            level, GinIndex(fields=["flags"], name=f"{level}_by_flag", condition=~models.Q(flags=[]))
        )
        for level in ("parcel", "haul")
    ]
