"""Search in trigrams where PostgreSQL has them; entries by the day they count from, for ageing as of a past day."""

from django.db import DatabaseError, migrations, models, transaction

# The expressions of invoices/queries/search.py.
INDEXES = {
    "client_search": "invoices_client USING gin (UPPER(code || ' | ' || name || ' | ' || legal_name) gin_trgm_ops)",
    "contact_search": "invoices_contact USING gin (UPPER(email || ' | ' || name) gin_trgm_ops)",
    "invoice_reference_search": "invoices_invoice USING gin (UPPER(reference) gin_trgm_ops) WHERE reference <> ''",
}


def make_search_indexes(apps, schema_editor):
    """The extension is trusted: the owner of the database may create it. Without it search reads the tables."""
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:
        return
    for name, of in INDEXES.items():
        schema_editor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {of}")


def drop_search_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):

    dependencies = [
        ('invoices', '0008_statement_schedule'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['booked_on'], name='entry_by_day'),
        ),
        migrations.RunPython(make_search_indexes, drop_search_indexes),
    ]
