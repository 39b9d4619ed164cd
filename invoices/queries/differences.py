from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Difference(NamedTuple):
    """Something stored that does not follow from the entries."""

    what: str
    stored: Decimal | None
    computed: Decimal | None

    def __str__(self) -> str:
        if self.stored is None or self.computed is None:
            return self.what
        gap = self.stored - self.computed
        return f"{self.what}: stored {self.stored:f}, computed {self.computed:f}, difference {gap:f}."
