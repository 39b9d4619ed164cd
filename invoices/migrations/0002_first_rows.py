from django.db import migrations


def install(apps, schema_editor):
    apps.get_model("invoices", "Organisation").objects.get_or_create(id=1)
    apps.get_model("invoices", "NumberSeries").objects.get_or_create(code="invoice")
    apps.get_model("invoices", "PaymentTerms").objects.get_or_create(
        code="net30", defaults={"name": "30 days", "days": 30, "is_default": True}
    )


class Migration(migrations.Migration):
    dependencies = [("invoices", "0001_initial")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
