"""A statement of account as the pages of staff and clients show it, and as CSV."""

from __future__ import annotations

from invoices.composing_statement import statement_lines as csv_rows

from .dashboard.columns import Column

__all__ = ["COLUMNS", "LINES_SHOWN", "csv_rows"]

LINES_SHOWN = 200

COLUMNS = [
    Column("on", "Date", "date"),
    Column("what", "What"),
    Column("document", "Document"),
    Column("due_on", "Due", "date"),
    Column("days_past_due", "Days past due", "number"),
    Column("amount", "Amount", "money"),
    Column("balance", "Balance", "money"),
]
