import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import sledi.database.keys
import sledi.parcels.short_number


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0004_shared_cache"),
        ("parcels", "0001_initial"),
        ("tracking", "0002_stale_still_to_announce"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Idempotency",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("body_hash", models.BinaryField(max_length=32)),
                ("answer", models.JSONField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "idempotency",
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=40)),
                ("state_since", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("fields", models.JSONField(default=dict)),
                (
                    "flags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("line", models.PositiveSmallIntegerField()),
                ("number", models.CharField(max_length=12)),
                ("name", models.CharField(max_length=300)),
                ("quantity", models.PositiveIntegerField()),
                ("unit_price_minor", models.BigIntegerField(default=0)),
                ("fee_minor", models.BigIntegerField(default=0)),
                ("agreed_price_minor", models.BigIntegerField(default=0)),
                ("actual_price_minor", models.BigIntegerField(null=True)),
                ("debited_goods_minor", models.BigIntegerField(default=0)),
                ("debited_fee_minor", models.BigIntegerField(default=0)),
                ("category", models.CharField(blank=True, default="", max_length=80)),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("weight_g", models.PositiveIntegerField(null=True)),
                ("processing_days", models.PositiveSmallIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Loading",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("loaded_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="News",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("status", models.CharField(max_length=20)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("problem", models.TextField(blank=True, default="")),
            ],
            options={
                "verbose_name_plural": "news",
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=40)),
                ("state_since", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("fields", models.JSONField(default=dict)),
                (
                    "flags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("number", models.CharField(default=sledi.parcels.short_number.draw, max_length=8)),
                ("profile", models.CharField(max_length=40)),
                ("profile_version", models.PositiveIntegerField()),
                ("buyer_email", models.EmailField(blank=True, default="", max_length=254)),
                ("recipient_name", models.CharField(blank=True, default="", max_length=200)),
                ("recipient_email", models.EmailField(blank=True, default="", max_length=254)),
                ("recipient_phone", models.CharField(blank=True, default="", max_length=20)),
                ("address", models.JSONField(default=dict)),
                ("destination", models.CharField(blank=True, default="", max_length=2)),
                ("currency", models.CharField(max_length=3)),
                ("goods_minor", models.BigIntegerField(default=0)),
                ("fee_minor", models.BigIntegerField(default=0)),
                ("shipping_minor", models.BigIntegerField(default=0)),
                ("paid_minor", models.BigIntegerField(default=0)),
                ("refunded_minor", models.BigIntegerField(default=0)),
                ("debited_goods_minor", models.BigIntegerField(default=0)),
                ("debited_fee_minor", models.BigIntegerField(default=0)),
                ("held_minor", models.BigIntegerField(default=0)),
                ("commission_minor", models.BigIntegerField(default=0)),
                ("is_released", models.BooleanField(default=False)),
                ("method", models.CharField(blank=True, default="", max_length=40)),
                ("mode", models.CharField(blank=True, default="", max_length=40)),
                ("is_untracked", models.BooleanField(default=False)),
                ("is_cash_on_delivery", models.BooleanField(default=False)),
                ("processing_days", models.PositiveSmallIntegerField(null=True)),
                ("placed_at", models.DateTimeField()),
                ("window_ends_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Outbox",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("level", models.CharField(max_length=8)),
                ("subject_id", models.UUIDField()),
                ("root_id", models.UUIDField()),
                ("act", models.CharField(max_length=60)),
                ("from_state", models.CharField(blank=True, default="", max_length=40)),
                ("to_state", models.CharField(max_length=40)),
                ("who", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "outbox",
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("queue", models.CharField(max_length=40)),
                ("reason", models.CharField(max_length=60)),
                ("level", models.CharField(max_length=8)),
                ("subject_id", models.UUIDField()),
                ("root_id", models.UUIDField()),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Timer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("level", models.CharField(max_length=8)),
                ("subject_id", models.UUIDField()),
                ("name", models.CharField(max_length=60)),
                ("planned_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("problem", models.TextField(blank=True, default="")),
            ],
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(max_length=40)),
                ("state_since", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("fields", models.JSONField(default=dict)),
                (
                    "flags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("quantity", models.PositiveIntegerField(null=True)),
                ("number", models.CharField(default=sledi.parcels.short_number.draw, max_length=8)),
                ("opened_at", models.DateTimeField()),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Content",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.business",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="content",
            name="parcel",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="parcels.parcel",
            ),
        ),
        migrations.AddField(
            model_name="idempotency",
            name="business",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.business",
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="business",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.business",
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="origin",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.item",
            ),
        ),
        migrations.AddField(
            model_name="content",
            name="item",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="contents",
                to="orders.item",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="item",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.item",
            ),
        ),
        migrations.AddField(
            model_name="loading",
            name="business",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.business",
            ),
        ),
        migrations.AddField(
            model_name="loading",
            name="haul",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="parcels.haul",
            ),
        ),
        migrations.AddField(
            model_name="loading",
            name="parcel",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="parcels.parcel",
            ),
        ),
        migrations.AddField(
            model_name="news",
            name="trace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tracking.trace",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="business",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.business",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="buyer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="recipient",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="reseller",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="seller",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="loading",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="loadings",
                to="orders.order",
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="orders.order",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="cases",
                to="orders.order",
            ),
        ),
        migrations.AddField(
            model_name="outbox",
            name="business",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.business",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="business",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.business",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="closed_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="timer",
            name="business",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.business",
            ),
        ),
        migrations.AddConstraint(
            model_name="idempotency",
            constraint=models.UniqueConstraint(
                models.F("business"), models.F("key"), name="key_once_per_business"
            ),
        ),
        migrations.AddIndex(
            model_name="content",
            index=models.Index(models.F("business"), models.F("parcel"), name="content_of_parcel"),
        ),
        migrations.AddConstraint(
            model_name="content",
            constraint=models.UniqueConstraint(
                models.F("business"), models.F("item"), models.F("parcel"), name="content_once_per_parcel"
            ),
        ),
        migrations.AddConstraint(
            model_name="content",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="content_has_pieces"
            ),
        ),
        migrations.AddIndex(
            model_name="news",
            index=models.Index(
                models.F("due_at"), condition=models.Q(("due_at__isnull", False)), name="news_due"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["business", "-placed_at", "-id"], name="order_newest"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["business", "state", "-changed_at"], name="order_by_state"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("buyer__isnull", False)),
                fields=["business", "buyer", "-placed_at"],
                name="order_of_buyer",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("reseller__isnull", False)),
                fields=["business", "reseller", "-placed_at"],
                name="order_of_reseller",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("seller__isnull", False)),
                fields=["business", "seller", "-placed_at"],
                name="order_of_seller",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("recipient__isnull", False)),
                fields=["business", "recipient", "-placed_at"],
                name="order_of_recipient",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.F("business"),
                models.F("recipient_phone"),
                condition=models.Q(("recipient_phone", ""), _negated=True),
                name="order_by_phone",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                models.F("business"), models.F("id"), name="order_of_its_business"
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                models.F("business"), models.F("number"), name="order_number_once_per_business"
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("goods_minor__gte", 0), ("fee_minor__gte", 0), ("shipping_minor__gte", 0)
                ),
                name="order_totals_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("paid_minor__gte", 0), ("refunded_minor__gte", 0)),
                name="order_paid_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="order_currency"
            ),
        ),
        migrations.AddIndex(
            model_name="loading",
            index=models.Index(
                models.F("business"),
                models.F("parcel"),
                condition=models.Q(("parcel__isnull", False)),
                name="loading_of_parcel",
            ),
        ),
        migrations.AddIndex(
            model_name="loading",
            index=models.Index(
                models.F("business"),
                models.F("haul"),
                condition=models.Q(("haul__isnull", False)),
                name="loading_of_haul",
            ),
        ),
        migrations.AddConstraint(
            model_name="loading",
            constraint=models.UniqueConstraint(
                models.F("business"),
                models.F("order"),
                models.F("parcel"),
                condition=models.Q(("parcel__isnull", False)),
                name="loading_once_per_parcel",
            ),
        ),
        migrations.AddConstraint(
            model_name="loading",
            constraint=models.UniqueConstraint(
                models.F("business"),
                models.F("order"),
                models.F("haul"),
                condition=models.Q(("haul__isnull", False)),
                name="loading_once_per_haul",
            ),
        ),
        migrations.AddConstraint(
            model_name="loading",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("haul__isnull", False), ("parcel", None)),
                    models.Q(("haul", None), ("parcel__isnull", False)),
                    _connector="OR",
                ),
                name="loading_into_one_thing",
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                models.F("business"), models.F("order"), models.F("line"), name="item_of_order"
            ),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                models.F("business"), models.F("state"), models.F("changed_at"), name="item_by_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(
                models.F("business"), models.F("id"), name="item_of_its_business"
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(
                models.F("business"), models.F("order"), models.F("number"), name="item_number_once_per_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="item_has_pieces"
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("unit_price_minor__gte", 0), ("fee_minor__gte", 0), ("agreed_price_minor__gte", 0)
                ),
                name="item_prices_not_negative",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(models.F("business"), models.F("order"), name="case_of_order"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("business"), models.F("state"), models.F("changed_at"), name="case_by_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                models.F("business"), models.F("id"), name="case_of_its_business"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                models.F("business"), models.F("number"), name="case_number_once_per_business"
            ),
        ),
        migrations.AddIndex(
            model_name="outbox",
            index=models.Index(
                models.F("created_at"),
                condition=models.Q(("told_at__isnull", True)),
                name="orders_outbox_open",
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                models.F("business"),
                models.F("queue"),
                models.F("opened_at"),
                condition=models.Q(("closed_at", None)),
                name="task_open",
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(models.F("business"), models.F("root_id"), name="task_of_root"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                models.F("business"),
                models.F("subject_id"),
                models.F("queue"),
                models.F("reason"),
                condition=models.Q(("closed_at", None)),
                name="task_open_once",
            ),
        ),
        migrations.AddIndex(
            model_name="timer",
            index=models.Index(
                models.F("due_at"), condition=models.Q(("due_at__isnull", False)), name="timer_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="timer",
            constraint=models.UniqueConstraint(
                models.F("business"), models.F("subject_id"), models.F("name"), name="timer_once_per_subject"
            ),
        ),
    ]
