"""Who sellers are on paper, the numbers of their papers, and the papers themselves, which never change."""

import django.db.models.deletion
from django.db import migrations, models

import sledi.database.keys

APPEND_ONLY = """
CREATE TRIGGER documents_issued_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON documents_issued
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE documents_issued ENABLE ALWAYS TRIGGER documents_issued_append_only;
-- A number is only ever followed by the next one.
CREATE FUNCTION refuse_leap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the numbers of % go from % to the next, not to %', OLD.seller_id, OLD.last_number, NEW.last_number
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER documents_series_without_leaps BEFORE UPDATE ON documents_series
    FOR EACH ROW WHEN (NEW.last_number <> OLD.last_number + 1) EXECUTE FUNCTION refuse_leap();
ALTER TABLE documents_series ENABLE ALWAYS TRIGGER documents_series_without_leaps;
"""
CHANGEABLE = """
DROP TRIGGER documents_series_without_leaps ON documents_series;
DROP FUNCTION refuse_leap();
DROP TRIGGER documents_issued_append_only ON documents_issued;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("history", "0002_append_only"),  # its refuse_change()
        ("accounts", "0005_uninvited_people"),
        ("orders", "0011_by_state_no_more"),
    ]

    operations = [
        migrations.CreateModel(
            name="Issued",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seller_id", models.UUIDField()),
                ("key", models.CharField(max_length=50)),
                ("kind", models.CharField(max_length=20)),
                ("number", models.BigIntegerField(null=True)),
                ("said", models.JSONField()),
                ("issued_at", models.DateTimeField()),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "issued",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("business"),
                        models.F("order"),
                        models.F("key"),
                        name="documents_issued_once_per_order",
                    ),
                    models.UniqueConstraint(
                        models.F("business"),
                        models.F("seller_id"),
                        models.F("number"),
                        name="documents_number_once_per_seller",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "receipt"), ("number", None)),
                            models.Q(
                                ("kind__in", ["invoice", "credit_note"]),
                                ("number__gte", 1),
                                ("number__lte", 9999999999),
                            ),
                            _connector="OR",
                        ),
                        name="documents_issued_numbered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SellerDetails",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seller_id", models.UUIDField()),
                ("legal_name", models.CharField(max_length=200)),
                ("address", models.CharField(max_length=300)),
                ("country", models.CharField(max_length=2)),
                ("company_number", models.CharField(blank=True, default="", max_length=20)),
                ("vat_number", models.CharField(blank=True, default="", max_length=20)),
                ("vat_percent", models.PositiveSmallIntegerField(null=True)),
                ("warranty_months", models.PositiveSmallIntegerField(null=True)),
                ("warranty_terms", models.CharField(blank=True, default="", max_length=2000)),
                ("created_at", models.DateTimeField()),
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
            options={
                "verbose_name_plural": "seller details",
                "indexes": [
                    models.Index(
                        fields=["business", "seller_id", "-created_at"], name="documents_details_of_seller"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="documents_seller_country"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("vat_number", ""), ("vat_percent", None)),
                            models.Q(
                                models.Q(("vat_number", ""), _negated=True),
                                ("vat_percent__gte", 0),
                                ("vat_percent__lt", 100),
                            ),
                            _connector="OR",
                        ),
                        name="documents_seller_vat",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seller_id", models.UUIDField()),
                ("last_number", models.BigIntegerField(default=0)),
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
            options={
                "verbose_name_plural": "series",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("business"), models.F("seller_id"), name="documents_series_once_per_seller"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_number__gte", 0), ("last_number__lte", 9999999999)),
                        name="documents_series_ten_digits",
                    ),
                ],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, CHANGEABLE),
    ]
