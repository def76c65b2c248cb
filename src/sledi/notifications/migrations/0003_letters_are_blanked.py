"""Whom a letter went to, and what it said, is forgotten after a while."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_letters_about_orders"),
        ("orders", "0014_stepping_aside"),
    ]

    operations = [
        migrations.AddField("letter", "blanked_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "letter",
            models.Index("created_at", name="letter_to_blank", condition=Q(due_at=None, blanked_at=None)),
        ),
    ]
