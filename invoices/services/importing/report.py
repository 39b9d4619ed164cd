"""What an import did, and with what it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ...rules.importing.dates import DateLayout
from ...rules.importing.records import RowError
from ..audit import Actor
from .terms import TermsBook


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`mapping`: theirs -> ours. `currency`: of amounts without one; else the client's, and for new clients our own.
    `is_strict`: clients and terms that are not known reject the row instead of being created.
    `is_oldest_first`: receipts without an invoice pay the oldest items instead of staying on account."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    dates: DateLayout | None = None
    currency: str | None = None
    is_dry_run: bool = False
    is_strict: bool = False
    is_oldest_first: bool = False


@dataclass(slots=True)
class ImportReport:
    """Rows, not documents: `read` = created + updated + unchanged + rows with an entry in `rejected`."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[RowError] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    def add(self, other: ImportReport) -> None:
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.rejected += other.rejected

    @property
    def rejected_rows(self) -> int:
        return len({error.row for error in self.rejected})

    def as_json(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in ("read", "created", "updated", "unchanged")}
        rejected = [{"row": e.row, "field": e.field, "value": e.value, "reason": e.reason} for e in self.rejected]
        return {**counts, "rejected": rejected}


@dataclass(frozen=True, slots=True)
class Context:
    """What every chunk of one import shares. `default_currency`: for clients that are created without one."""

    options: ImportOptions
    actor: Actor
    today: date
    default_currency: str
    terms: TermsBook
