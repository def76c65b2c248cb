import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("parcels", "0002_since_when_deadlines_count"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "parcel",
            "watcher",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                on_delete=django.db.models.deletion.PROTECT,
                null=True,
                related_name="+",
                db_index=False,
            ),
        ),
        migrations.AddIndex(
            "parcel",
            models.Index(
                fields=["business", "watcher", "-id"],
                name="parcel_of_watcher",
                condition=models.Q(watcher__isnull=False),
            ),
        ),
    ]
