"""Lines of notices go in faster: check_ledger looks for lost ones, not the database at every row."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reminders', '0006_portal_mails'),
    ]

    operations = [
        migrations.AlterField(
            model_name='noticeline',
            name='notice',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='reminders.notice'),
        ),
    ]
