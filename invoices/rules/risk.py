"""How risky a client is: A (pays when due) to E, from plain figures, with every reason and its points.

The rating is a sum of points, so that each can be read, argued with and undone by paying:

| reason | points |
|---|---|
| days late, weighted by amount, over a year | 1 above 3, 2 above 10, 3 above 30, 4 above 60 |
| at least 7 days later than in the half-year before | 1 |
| less than half of the promises kept (of 2 or more) | 1 |
| money that went back (direct debit, card, cheque) | 1, from 3 times on 2 |
| a loss written off | 2 |
| a payment plan broken | 1 |
| the oldest open item past due | 1 above 60 days, 2 above 90 |

0 is A, 1 is B, 2 is C, 3 is D, 4 and more E. Below 3 paid invoices there is no rating ("new"), unless something
bad happened already: who never paid anything is not new for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

LETTERS = "ABCDE"
NEW = "new"
ENOUGH_PAID = 3
TREND_DAYS = 7
# (above so many days, points), the highest first
LATE_STEPS = ((60, 4), (30, 3), (10, 2), (3, 1))
OLDEST_STEPS = ((90, 2), (60, 1))


class Trend(StrEnum):
    BETTER = "better"
    STEADY = "steady"
    WORSE = "worse"
    UNKNOWN = "unknown"


class Record(NamedTuple):
    """What a client did in the year up to a day. Days late: weighted by amount; None where nothing was paid.

    `oldest_days`: of the oldest item open on the day, past due; 0 or less where none is late.
    """

    paid_items: int = 0
    days_late: Decimal | None = None
    recent_days_late: Decimal | None = None  # the last half-year
    former_days_late: Decimal | None = None  # the half-year before
    on_time_share: Decimal | None = None  # percent of the amount paid
    promises_judged: int = 0
    promises_kept: int = 0
    returned: int = 0
    written_off: int = 0
    plans_broken: int = 0
    oldest_days: int = 0

    @property
    def kept_share(self) -> Decimal | None:
        """Percent of the judged promises that were kept."""
        return Decimal(100 * self.promises_kept) / self.promises_judged if self.promises_judged else None

    @property
    def worse_by(self) -> int | None:
        """Whole days later than in the half-year before; negative is sooner; None without both half-years."""
        if self.recent_days_late is None or self.former_days_late is None:
            return None
        return whole(self.recent_days_late - self.former_days_late)


class Reason(NamedTuple):
    """Why: a code, what it counted for, and its figures as the sentence of the code names them."""

    code: str
    points: int
    figures: dict[str, int]


class Rating(NamedTuple):
    """`letter` is A to E, or "new" where there is too little history."""

    letter: str
    points: int
    trend: Trend
    reasons: tuple[Reason, ...]

    @property
    def rank(self) -> int:
        """The rank for comparing: 0 for A, 4 for E; -1 for none."""
        return LETTERS.find(self.letter)


def rating(record: Record) -> Rating:
    """The same record always gives the same rating."""
    reasons = tuple(_reasons(record))
    points = sum(reason.points for reason in reasons)
    is_new = record.paid_items < ENOUGH_PAID and points == 0
    letter = NEW if is_new else LETTERS[min(points, len(LETTERS) - 1)]
    return Rating(letter, points, trend(record), reasons)


def has_fallen(before: Rating, now: Rating) -> bool:
    """Whether the letter is worse than it was. New to good is no fall; new to C or worse is."""
    return now.rank > max(before.rank, 1 if before.letter == NEW else 0)


def trend(record: Record) -> Trend:
    days = record.worse_by
    if days is None:
        return Trend.UNKNOWN
    if abs(days) < TREND_DAYS:
        return Trend.STEADY
    return Trend.WORSE if days > 0 else Trend.BETTER


def whole(days: Decimal) -> int:
    return int(days.quantize(Decimal(1), ROUND_HALF_UP))


def _reasons(record: Record) -> Iterator[Reason]:
    if record.paid_items < ENOUGH_PAID:
        yield Reason("few_paid", 0, {"paid": record.paid_items, "enough": ENOUGH_PAID})
    if record.days_late is not None:
        # Few payments tell little: they are shown, and count once there are enough.
        points = _step(whole(record.days_late), LATE_STEPS) if record.paid_items >= ENOUGH_PAID else 0
        yield Reason(_late_code(whole(record.days_late)), points, {"days": abs(whole(record.days_late))})
    if trend(record) in (Trend.WORSE, Trend.BETTER):
        points = 1 if trend(record) is Trend.WORSE and record.paid_items >= ENOUGH_PAID else 0
        yield Reason(trend(record).value, points, {"days": abs(record.worse_by or 0)})
    if record.promises_judged:
        is_bad = record.promises_judged >= 2 and 2 * record.promises_kept < record.promises_judged
        yield Reason("promises", int(is_bad), {"kept": record.promises_kept, "judged": record.promises_judged})
    yield from _events(record)


def _events(record: Record) -> Iterator[Reason]:
    if record.returned:
        yield Reason("returned", 2 if record.returned >= 3 else 1, {"times": record.returned})
    if record.written_off:
        yield Reason("written_off", 2, {"times": record.written_off})
    if record.plans_broken:
        yield Reason("plan_broken", 1, {"times": record.plans_broken})
    if points := _step(record.oldest_days, OLDEST_STEPS):
        yield Reason("oldest", points, {"days": record.oldest_days})


def _late_code(days: int) -> str:
    return "late" if days > 0 else ("early" if days < 0 else "on_time")


def _step(value: int, steps: tuple[tuple[int, int], ...]) -> int:
    return next((points for above, points in steps if value > above), 0)


# One sentence per code; figures by name.
SENTENCES = {
    "few_paid": "Only {paid} paid in the last year; a rating needs {enough}.",
    "late": "Pays {days} late on average, weighted by amount.",
    "on_time": "Pays on the due date on average.",
    "early": "Pays {days} before the due date on average.",
    "worse": "That is {days} later than in the half-year before.",
    "better": "That is {days} sooner than in the half-year before.",
    "promises": "Kept {kept} of {judged}.",
    "returned": "Money went back {times} (returned direct debit, chargeback, bounced cheque).",
    "written_off": "{times} written off as lost.",
    "plan_broken": "{times} broken.",
    "oldest": "The oldest open item is {days} past due.",
}
UNITS = {
    "paid": ("invoice", "invoices"),
    "days": ("day", "days"),
    "judged": ("promise", "promises"),
    "times": ("time", "times"),
}
TIMES = {"written_off": ("invoice", "invoices"), "plan_broken": ("payment plan", "payment plans")}


def sentence(reason: Reason) -> str:
    """The reason in words, with its figures."""
    words = {}
    for name, value in reason.figures.items():
        units = TIMES.get(reason.code) if name == "times" else None
        one, many = units or UNITS.get(name, ("", ""))
        words[name] = f"{value} {one if value == 1 else many}".strip()
    text = SENTENCES[reason.code].format(**words)
    return text[0].upper() + text[1:]
