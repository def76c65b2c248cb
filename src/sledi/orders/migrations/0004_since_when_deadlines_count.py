from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_lists"),
        ("parcels", "0002_since_when_deadlines_count"),
    ]

    operations = [
        migrations.AddField("case", "entered", models.JSONField(default=dict)),
        migrations.AddField("item", "entered", models.JSONField(default=dict)),
        migrations.AddField("order", "entered", models.JSONField(default=dict)),
    ]
