from django.db import migrations

from reminders.rules.default_procedure import LEVELS, NAME


def install(apps, schema_editor):
    procedures = apps.get_model("reminders", "DunningProcedure").objects
    procedure, created = procedures.get_or_create(name=NAME, defaults={"is_default": True})
    if created:
        level = apps.get_model("reminders", "DunningLevel")
        level.objects.bulk_create([level(procedure=procedure, **row) for row in LEVELS])


class Migration(migrations.Migration):
    dependencies = [("reminders", "0001_initial")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
