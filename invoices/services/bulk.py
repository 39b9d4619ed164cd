"""Many rows at once: COPY on PostgreSQL, executemany on SQLite. The callers keep the rules; this only writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert `rows`, given in the order of `fields` (attribute names, such as "client_id").

    Python values, not database ones: JSON as dict or list. Columns left out take the database's default or null,
    so name every field that has neither.
    """
    columns = [model._meta.get_field(name) for name in fields]
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(column.column) for column in columns)
    if connection.vendor == "postgresql":
        # COPY adapts plain Python values itself; only JSON needs the field's own preparation.
        json_at = [i for i, column in enumerate(columns) if isinstance(column, models.JSONField)]
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(_with_json(row, columns, json_at) if json_at else row)
        return
    marks = ", ".join(["%s"] * len(columns))
    prepared = ([c.get_db_prep_save(v, connection) for c, v in zip(columns, row, strict=True)] for row in rows)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", prepared)


def _with_json(row: Sequence[Any], columns: Sequence[Any], json_at: Sequence[int]) -> list[Any]:
    values = list(row)
    for i in json_at:
        values[i] = columns[i].get_db_prep_save(values[i], connection)
    return values


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """`count` fresh primary keys for `insert_rows`. On SQLite call it inside the transaction that writes the rows."""
    if count == 0:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sequence = f"pg_get_serial_sequence('{model._meta.db_table}', 'id')"
            cursor.execute(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", [count])
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        last = (cursor.fetchone() or (0,))[0]
        return list(range(last + 1, last + count + 1))
