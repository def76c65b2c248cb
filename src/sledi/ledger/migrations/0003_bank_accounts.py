"""Where sellers are paid, and which of their accounts a payout went to."""

import django.db.models.deletion
from django.db import migrations, models

import sledi.database.keys


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_uninvited_people"),
        ("ledger", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="BankAccount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=sledi.database.keys.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seller_id", models.UUIDField()),
                ("iban", models.CharField(max_length=34)),
                ("held_until", models.DateTimeField(null=True)),
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
                "indexes": [
                    models.Index(
                        fields=["business", "seller_id", "-created_at"], name="ledger_bank_account_of_seller"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(iban__regex="^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"),
                        name="ledger_bank_account_iban",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="payout",
            name="bank_account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payouts",
                to="ledger.bankaccount",
            ),
        ),
    ]
