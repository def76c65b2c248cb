from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="OfficialLink",
            fields=[
                ("slug", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("address", models.TextField()),
                ("due_at", models.DateTimeField()),
                ("checked_at", models.DateTimeField(null=True)),
                ("status", models.SmallIntegerField(null=True)),
                ("problem", models.TextField(blank=True, default="")),
                ("failures_in_row", models.SmallIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(models.F("due_at"), name="official_link_due")],
            },
        ),
    ]
