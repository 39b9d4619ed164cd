"""Clients that got a monthly statement are on the monthly schedule; the old switch goes."""

from django.db import migrations


def to_schedule(apps, schema_editor):
    apps.get_model("invoices", "Client").objects.filter(gets_monthly_statement=True).update(
        statement_schedule="monthly"
    )


def to_switch(apps, schema_editor):
    apps.get_model("invoices", "Client").objects.filter(statement_schedule="monthly").update(
        gets_monthly_statement=True
    )


class Migration(migrations.Migration):
    dependencies = [
        ("invoices", "0007_contacts_and_segments"),
    ]

    operations = [
        migrations.RunPython(to_schedule, to_switch),
        migrations.RemoveField(model_name="client", name="gets_monthly_statement"),
    ]
