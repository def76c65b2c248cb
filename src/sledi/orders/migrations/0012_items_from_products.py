"""An item remembers from which product it was copied, and a processing time may be a range."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0011_by_state_no_more"),
    ]

    operations = [
        migrations.AddField(
            model_name="item",
            name="processing_days_min",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="item",
            name="product_code",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="order",
            name="processing_days_min",
            field=models.PositiveSmallIntegerField(null=True),
        ),
    ]
