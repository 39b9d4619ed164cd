"""Amounts as bookkeeping programs write them; one decimal mark per column; Decimal only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from .records import Cell, FileUnusable


class DecimalMark(StrEnum):
    POINT = "."  # 1,234.56  1'234.56
    COMMA = ","  # 1.234,56  1 234,56


# A symbol says a currency only if one currency alone is written so; the others merely must not contradict the row's
# currency.
SYMBOLS: Mapping[str, frozenset[str]] = {
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "GIP", "FKP", "SHP", "EGP", "SYP", "LBP"}),
    "$": frozenset(
        {
            "USD",
            "CAD",
            "AUD",
            "NZD",
            "SGD",
            "HKD",
            "TWD",
            "MXN",
            "ARS",
            "CLP",
            "COP",
            "BBD",
            "BMD",
            "BSD",
            "BZD",
            "JMD",
            "TTD",
        }
    ),
    "US$": frozenset({"USD"}),
    "C$": frozenset({"CAD"}),
    "CA$": frozenset({"CAD"}),
    "A$": frozenset({"AUD"}),
    "AU$": frozenset({"AUD"}),
    "NZ$": frozenset({"NZD"}),
    "HK$": frozenset({"HKD"}),
    "S$": frozenset({"SGD"}),
    "R$": frozenset({"BRL"}),
    "¥": frozenset({"JPY", "CNY"}),
    "₹": frozenset({"INR"}),
    "₽": frozenset({"RUB"}),
    "₺": frozenset({"TRY"}),
    "₪": frozenset({"ILS"}),
    "₩": frozenset({"KRW"}),
    "₴": frozenset({"UAH"}),
    "ZŁ": frozenset({"PLN"}),
    "KČ": frozenset({"CZK"}),
    "FT": frozenset({"HUF"}),
    "LEI": frozenset({"RON"}),
    "KR": frozenset({"SEK", "NOK", "DKK", "ISK"}),
    "FR": frozenset({"CHF"}),
    "SFR": frozenset({"CHF"}),
}
_ABBREVIATION = re.compile(r"([^\W\d])\.")  # "Fr." and "kr."; and 12.- is no minus but the Swiss way to write 12.00
_CODE = re.compile(r"[A-Z]{3}")
_WORD = r"[^\d.,'()+-]*?"
_AROUND = re.compile(
    rf"(?P<before>{_WORD})\s*(?P<sign>[+-]?)\s*(?P<inner>{_WORD})\s*"
    r"(?P<digits>[\d.,][\d.,' ]*?)\s*(?P<trailing>-?)\s*(?P<after>[^\d,'()+-]*)"
)
_BARE = re.compile(r"\d[\d.,]{0,30}")
_NONE: frozenset[str] = frozenset()
_GROUPS = r"\d{1,3}(?:[%s]\d{2,3})*[%s]\d{3}"
_SHAPES = {
    DecimalMark.POINT: re.compile(
        rf"(?:\d+|{_GROUPS % (',', ',')}|{_GROUPS % (' ', ' ')}|{_GROUPS % (chr(39), chr(39))})?(?:\.(\d*))?"
    ),
    DecimalMark.COMMA: re.compile(
        rf"(?:\d+|{_GROUPS % ('.', '.')}|{_GROUPS % (' ', ' ')}|{_GROUPS % (chr(39), chr(39))})?(?:,(\d*))?"
    ),
}
_BLANKS = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-", "\u2013": "-", "\u2019": "'", "\u00b4": "'"}
)
_KEPT = {
    DecimalMark.POINT: str.maketrans("", "", ",' "),
    DecimalMark.COMMA: str.maketrans(",", ".", ".' "),
}
LONGEST = 40  # characters of an amount; what is longer is none


@dataclass(frozen=True, slots=True)
class Amount:
    value: Decimal
    currencies: frozenset[str] = frozenset()  # what the cell's own code or symbol can mean; empty: it has none


@dataclass(frozen=True, slots=True)
class _Parts:
    digits: str
    is_negative: bool
    currencies: frozenset[str]


def parse_amount(cell: Cell, mark: DecimalMark) -> Amount:
    """The amount of a cell under its column's decimal mark. Raises ValueError with the reason."""
    if isinstance(cell, Decimal):
        return Amount(cell)
    parts = _parts(cell)
    if not _SHAPES[mark].fullmatch(parts.digits):
        raise ValueError(
            f"is not an amount with {'a decimal point' if mark is DecimalMark.POINT else 'a decimal comma'}."
        )
    value = Decimal(parts.digits.translate(_KEPT[mark]))
    return Amount(-value if parts.is_negative else value, parts.currencies)


def _parts(cell: Cell) -> _Parts:
    if isinstance(cell, str) and _BARE.fullmatch(cell):  # most cells by far
        return _Parts(cell, False, _NONE)
    text = cell.translate(_BLANKS).strip() if isinstance(cell, str) and len(cell) <= LONGEST else ""
    text = _ABBREVIATION.sub(r"\1", re.sub(r"[.,]-{1,2}$", "", text))
    in_brackets = text.startswith("(") and text.endswith(")")
    match = _AROUND.fullmatch(text[1:-1].strip() if in_brackets else text) if text else None
    if isinstance(cell, date) or match is None or not any(char.isdigit() for char in match["digits"]):
        raise ValueError("is not an amount.")
    words = [word.strip() for word in (match["before"], match["inner"], match["after"]) if word.strip()]
    signs = [in_brackets, match["sign"] == "-", match["trailing"] == "-"]
    if len(words) > 1 or sum(signs) > 1:
        raise ValueError("is not an amount.")
    return _Parts(match["digits"], any(signs), _currencies(words[0]) if words else frozenset())


def _currencies(word: str) -> frozenset[str]:
    name = word.upper()
    if name in SYMBOLS:
        return SYMBOLS[name]
    if _CODE.fullmatch(name):
        return frozenset({name})
    raise ValueError(f"has {word[:12]!r} beside the figures, which is no currency.")


def marks_of(cell: Cell) -> frozenset[DecimalMark] | None:
    """The decimal marks under which the cell is an amount; None: it is none, or says nothing about the mark (no mark
    in it)."""
    if not isinstance(cell, str):
        return None
    try:
        digits = _parts(cell).digits
    except ValueError:
        return None
    if "." not in digits and "," not in digits:
        return None
    fitting = frozenset(mark for mark, shape in _SHAPES.items() if shape.fullmatch(digits))
    # 0,125 has no thousands: nobody writes a leading zero before them.
    if len(fitting) == 2 and digits.startswith("0"):
        return frozenset({DecimalMark.POINT if "." in digits else DecimalMark.COMMA})
    return fitting or None


@dataclass(slots=True)
class NumberEvidence:
    """What the values of one column say about its decimal mark."""

    header: str
    points: int = 0
    commas: int = 0
    doubtful_points: int = 0  # 1.234: a decimal point, or thousands of a decimal comma
    doubtful_commas: int = 0  # 1,234

    def add(self, cell: Cell) -> None:
        marks = marks_of(cell)
        if marks is None:
            return
        if len(marks) == 1:
            self.points += DecimalMark.POINT in marks
            self.commas += DecimalMark.COMMA in marks
        else:
            self.doubtful_points += "." in str(cell)
            self.doubtful_commas += "," in str(cell)

    @property
    def in_doubt(self) -> int:
        return self.doubtful_points + self.doubtful_commas


def decide_marks(columns: Mapping[str, NumberEvidence], *, has_thousandths: bool) -> dict[str, DecimalMark]:
    """The decimal mark of every amount column. `has_thousandths`: a currency with three decimals (KWD) occurs in the
    file.

    A column that cannot tell goes by the file's other amount columns. If they cannot either, three figures after the
    mark are
    thousands, since no other currency has three decimals. Raises FileUnusable where a column mixes both marks or
    stays in doubt.
    """
    decided = {name: _decide(evidence) for name, evidence in columns.items()}
    certain = {mark for mark in decided.values() if mark}
    fallback = certain.pop() if len(certain) == 1 else None
    return {name: mark or _settle(columns[name], fallback, has_thousandths) for name, mark in decided.items()}


def _decide(evidence: NumberEvidence) -> DecimalMark | None:
    fewer, more = sorted((evidence.points, evidence.commas))
    if not more:
        return None
    if fewer == more or (fewer and evidence.in_doubt and fewer * 20 > more):
        raise FileUnusable(
            f"Column {evidence.header!r} mixes amounts with a decimal point ({evidence.points}) and with a decimal "
            f"comma "
            f"({evidence.commas}): write all its amounts in one way."
        )
    return DecimalMark.POINT if evidence.points > evidence.commas else DecimalMark.COMMA


def _settle(evidence: NumberEvidence, fallback: DecimalMark | None, has_thousandths: bool) -> DecimalMark:
    if fallback or not evidence.in_doubt:
        return fallback or DecimalMark.POINT
    if has_thousandths or (evidence.doubtful_points and evidence.doubtful_commas):
        raise FileUnusable(
            f"The amounts in column {evidence.header!r} could have thousands or three decimals after the mark: write "
            f"at least "
            "one of them with both marks, as in 1,234.500."
        )
    return DecimalMark.POINT if evidence.doubtful_commas else DecimalMark.COMMA
