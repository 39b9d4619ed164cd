"""The columns of the ledger export, the same from the page and from the command."""

from __future__ import annotations

from .dashboard.columns import Column

COLUMNS = [
    Column("entry", "Entry", "number"),
    Column("booked_on", "Booked on", "date"),
    Column("recorded_at", "Recorded at", "moment"),
    Column("kind", "Kind"),
    Column("account__code", "Account"),
    Column("account__name", "Account name"),
    Column("counter__code", "Counter-account"),
    Column("counter__name", "Counter-account name"),
    Column("client_code", "Client code"),
    Column("client", "Client"),
    Column("invoice", "Invoice"),
    Column("receipt", "Receipt"),
    Column("credit_note", "Credit note"),
    Column("write_off", "Write-off"),
    Column("discount", "Discount"),
    Column("settlement", "Settlement"),
    Column("debit", "Debit", "money"),
    Column("credit", "Credit", "money"),
    Column("amount", "Amount", "money"),
    Column("recorded_by", "Recorded by"),
]
