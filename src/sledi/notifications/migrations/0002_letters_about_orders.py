"""Letters about orders, what each tells of, and addresses that want none."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import sledi.database.keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_uninvited_people"),
        ("notifications", "0001_initial"),
        ("orders", "0009_words_and_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("root_id", models.UUIDField()),
                ("email", models.EmailField(max_length=254)),
                ("role", models.CharField(max_length=20)),
                ("language", models.CharField(max_length=10)),
                ("happened_at", models.DateTimeField()),
                ("subject", models.TextField(blank=True, default="")),
                ("is_open", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("problem", models.TextField(blank=True, default="")),
                ("sent_at", models.DateTimeField(null=True)),
                ("dropped_at", models.DateTimeField(null=True)),
                ("reported_at", models.DateTimeField(null=True)),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LetterLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("root_id", models.UUIDField()),
                ("email", models.EmailField(max_length=254)),
                (
                    "change",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orders.outbox",
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="notifications.letter",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Silence",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("since", models.DateTimeField()),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                models.F("due_at"), condition=models.Q(("due_at__isnull", False)), name="letter_due"
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                models.F("created_at"),
                condition=models.Q(("dropped_at", None), ("reported_at", None), ("sent_at", None)),
                name="letter_unsent",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                models.F("order"),
                models.F("created_at"),
                condition=models.Q(("order__isnull", False)),
                name="letter_of_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(
                models.F("business"),
                models.F("root_id"),
                models.F("email"),
                models.F("role"),
                models.F("happened_at"),
                condition=models.Q(("is_open", True)),
                name="letter_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                name="letter_email_in_lower_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="letterline",
            constraint=models.UniqueConstraint(
                models.F("change"), models.F("root_id"), models.F("email"), name="change_told_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="silence",
            constraint=models.UniqueConstraint(models.F("business"), models.F("email"), name="silence_once"),
        ),
        migrations.RunSQL(
            "ALTER TABLE notifications_letter ADD CONSTRAINT letter_order_in_its_business"
            " FOREIGN KEY (business_id, order_id)"
            " REFERENCES orders_order (business_id, id) DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE notifications_letter DROP CONSTRAINT letter_order_in_its_business",
        ),
    ]
