"""The QR code of a Swiss transfer in francs or euros (Swiss Implementation Guidelines QR-bill 2.3, by SIX).

With an ordinary IBAN the reference is an ISO 11649 one (SCOR). A QR-IBAN would ask for another kind (QRR): it gets no
code, and the printed details are there anyway.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

import segno

CURRENCIES = frozenset({"CHF", "EUR"})
COUNTRIES = ("CH", "LI")
LARGEST = Decimal("999999999.99")
QR_IIDS = range(30000, 32000)  # institutions of QR-IBANs


class Creditor(NamedTuple):
    """Name and structured address, as the guidelines ask for since November 2025."""

    name: str
    street: str
    number: str
    postcode: str
    town: str
    country: str


def creditor_of(name: str, address: str, country: str) -> Creditor | None:
    """From an address as printed, one line a row: "Bahnhofstrasse 1", "8001 Zürich". None without postcode and town."""
    rows = [row.strip() for row in address.splitlines() if row.strip()]
    for place, row in reversed(list(enumerate(rows))):
        found = re.fullmatch(r"(?:[A-Z]{2}-)?(\d{4,5})\s+(.+)", row)
        if found:
            line = rows[place - 1] if place else ""
            street = re.fullmatch(r"(.+?)\s+(\d+\s?[a-zA-Z]?)", line)
            parts = (street[1], street[2]) if street else (line, "")
            return Creditor(name[:70], parts[0][:70], parts[1][:16], found[1], found[2][:35], country)
    return None


def swiss_data(creditor: Creditor, iban: str, amount: Decimal, currency: str, reference: str) -> str:
    """The text of the code; empty where the standard does not reach. `reference` is an ISO 11649 one."""
    account = iban.replace(" ", "").upper()
    if currency not in CURRENCIES or account[:2] not in COUNTRIES or not 0 < amount <= LARGEST:
        return ""
    if not account[4:9].isdigit() or int(account[4:9]) in QR_IIDS:
        return ""
    debtor = [""] * 7
    ultimate = [""] * 7
    lines = ["SPC", "0200", "1", account, "S", *creditor, *ultimate, f"{amount:.2f}", currency, *debtor]
    return "\n".join([*lines, "SCOR", reference.replace(" ", ""), "", "EPD"])


def swiss_code(data: str) -> str:
    """As inline SVG with the Swiss cross in its middle, error correction M; empty for no data."""
    if not data:
        return ""
    code = segno.make(data, error="m", micro=False, boost_error=False, encoding="utf-8")
    size = int(code.symbol_size(border=0)[0])
    svg = str(code.svg_inline(border=0, omitsize=True, dark="#000"))
    return svg.replace("</svg>", f"{_cross(size)}</svg>")


def _cross(size: float) -> str:
    """7 of the symbol's 46 millimetres: a black square in a white frame, with a white cross."""
    side = size * 7 / 46
    at = (size - side) / 2
    unit = side / 7

    def box(x: float, y: float, width: float, height: float, colour: str) -> str:
        return (
            f'<rect x="{at + x * unit:.3f}" y="{at + y * unit:.3f}" width="{width * unit:.3f}"'
            f' height="{height * unit:.3f}" fill="{colour}"/>'
        )

    bars = box(3.05, 1.6, 0.9, 3.8, "#fff") + box(1.6, 3.05, 3.8, 0.9, "#fff")
    return box(0, 0, 7, 7, "#fff") + box(0.5, 0.5, 6, 6, "#000") + bars
