from django.db import migrations, models

ORDERS = [
    ("principal_first", "Principal, interest, then costs"),
    ("costs_first", "Costs, interest, then principal (Germany: BGB 367)"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("invoices", "0009_search_and_entries_by_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="client",
            name="claim_order",
            field=models.CharField(
                blank=True,
                choices=ORDERS,
                db_default="",
                help_text="What its money pays first, where nobody said; empty: as in our settings.",
                max_length=15,
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="claim_order",
            field=models.CharField(
                choices=ORDERS,
                db_default="principal_first",
                default="principal_first",
                help_text="What money pays first, where neither the payer nor the client's own setting says.",
                max_length=15,
            ),
        ),
    ]
