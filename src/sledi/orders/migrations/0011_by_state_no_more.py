"""Drops an index that no query uses and every move paid for: lists of a state have ``order_of_state_newest``."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0010_import_rules_and_arrivals"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="order", name="order_by_state"),
    ]
