"""Payment terms as bookkeeping programs write them: "Net 30", "30 Tage netto", "2/10 net 30", "due on receipt"."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

_DAYS = r"(?:days?|d|tagen?|dagen|jours?|dias?|calendar days)"
_NET = r"(?:net|netto|nett?|rein|n)"
_PLAIN = re.compile(
    rf"(?:{_NET}[ /.-]*)?(\d{{1,3}})(?:[ -]?{_DAYS})?(?: {_NET})?"
    r"(?: (?:from|after) (?:invoice(?: date)?|date of invoice))?"
)
_DISCOUNT = re.compile(
    rf"(\d{{1,2}}(?:[.,]\d{{1,2}})?) ?%? ?[/ ] ?(\d{{1,3}})(?: {_DAYS})?[, /]+"
    rf"(?:{_NET}[ /-]*)?(\d{{1,3}})(?: {_DAYS})?"
)
_AT_ONCE = re.compile(
    r"due (?:on|upon) receipt|on receipt|immediate(?:ly)?|cod|cash on delivery|prepaid|sofort(?: fallig| zahlbar)?|"
    r"direct|a reception(?: de facture)?|comptant|al contado|contado|pago inmediato|per direct"
)


class NetTerms(NamedTuple):
    """Days after the invoice date; with a settlement discount perhaps."""

    days: int
    discount_percent: Decimal | None = None
    discount_days: int | None = None

    @property
    def code(self) -> str:
        if self.discount_percent is None:
            return f"net{self.days}"
        return f"{self.discount_percent.normalize():f}-{self.discount_days}-net{self.days}"

    @property
    def name(self) -> str:
        days = f"{self.days} days" if self.days else "Due on receipt"
        if self.discount_percent is None:
            return days
        return f"{self.discount_percent.normalize():f} % within {self.discount_days} days, net {self.days} days"


def parse_terms(text: str) -> NetTerms | None:
    """The terms that this says, or None. End-of-month forms have two readings and are never guessed."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split()).rstrip(".")
    if _AT_ONCE.fullmatch(plain):
        return NetTerms(0)
    if match := _PLAIN.fullmatch(plain):
        return NetTerms(int(match[1]))
    if match := _DISCOUNT.fullmatch(plain):
        return NetTerms(int(match[3]), Decimal(match[1].replace(",", ".")), int(match[2]))
    return None
