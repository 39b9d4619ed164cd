"""How much is measured."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple


class Size(NamedTuple):
    """`on`: the business day of the run. `folder`: where files may be put."""

    invoices: int
    clients: int
    import_rows: int
    on: date
    folder: Path
