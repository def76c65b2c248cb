"""A change that cannot be told steps aside with a date and a reason, a doubtful checkout is settled by people."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_lookups")]

    operations = [
        migrations.AddField(
            "outbox", "email", models.EmailField(max_length=254, blank=True, default="", db_default="")
        ),
        migrations.AddField("outbox", "retry_at", models.DateTimeField(null=True)),
        migrations.AddField("outbox", "attempts", models.SmallIntegerField(default=0, db_default=0)),
        migrations.AddField("outbox", "problem", models.TextField(blank=True, default="", db_default="")),
        migrations.AddField(
            "checkout", "doubted_state", models.CharField(max_length=20, blank=True, default="")
        ),
        migrations.AddField("checkout", "settled_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "checkout",
            models.Index(
                "business", "updated_at", name="checkout_doubtful", condition=models.Q(state="doubtful")
            ),
        ),
    ]
