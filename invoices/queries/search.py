"""Rows whose text holds some words, wherever they stand: one look at an index where the database has it.

PostgreSQL keeps an index of trigrams for each of these (migration 0009), if its extension pg_trgm may be created; else
the same question is answered by reading the table, as on SQLite.
"""

from __future__ import annotations

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

# Exactly as indexed: the planner compares expressions, and one index instead of three costs updates the least.
CLIENT = "UPPER(code || ' | ' || name || ' | ' || legal_name)"
CONTACT = "UPPER(email || ' | ' || name)"
REFERENCE = "UPPER(reference)"


def holds(expression: str, text: str) -> RawSQL:
    """A condition for `filter`, on a query of one table: the expression holds the text, in any case."""
    pattern = f"%{connection.ops.prep_for_like_query(text)}%"
    return RawSQL(f"{expression} LIKE UPPER(%s) ESCAPE '\\'", [pattern], output_field=BooleanField())
