from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("parcels", "0001_initial"),
    ]

    operations = [
        migrations.AddField("haul", "entered", models.JSONField(default=dict)),
        migrations.AddField("parcel", "entered", models.JSONField(default=dict)),
    ]
