"""May a claim be handed over? A final notice delivered, its deadline over, nothing agreed (design: engine.md 1.14).

Pure. Every piece that is missing is a sentence for the person who decides; he decides, whatever this says is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from invoices.rules.money import ZERO, quantise

from .reasons import day


class Claim(NamedTuple):
    """One item and what is known about it. `agreed`: what stands in the way, as in "a promise until Fri 5 June 2026".

    `notice_id` is the last final notice about it that left; `bounced_on` when it came back.
    """

    invoice_id: int
    number: str
    notice_id: int | None = None
    sent_on: date | None = None
    bounced_on: date | None = None
    deadline_on: date | None = None
    agreed: tuple[str, ...] = ()


class Evidence(NamedTuple):
    """The final notice that speaks for the whole claim: the one whose deadline ended last."""

    notice_id: int
    deadline_on: date


def missing(claims: Sequence[Claim], today: date) -> list[str]:
    """What stands in the way of handing these items over; empty when nothing does."""
    if not claims:
        return ["Choose at least one open invoice."]
    return [sentence for claim in claims for sentence in _missing(claim, today)]


def _missing(claim: Claim, today: date) -> list[str]:
    found = [_about_notice(claim, today)]
    found += [f"there is {agreed}. End that first, or leave the invoice out." for agreed in claim.agreed]
    return [f"{claim.number}: {sentence}" for sentence in found if sentence]


def _about_notice(claim: Claim, today: date) -> str:
    if claim.notice_id is None or claim.sent_on is None:
        return "no final notice has been sent. Send one, with a deadline."
    notice = f"the final notice of {day(claim.sent_on)}"
    if claim.bounced_on:
        return f"{notice} came back on {day(claim.bounced_on)}. Send another."
    if claim.deadline_on is None:
        return f"{notice} names no deadline. Send one that does."
    if claim.deadline_on >= today:
        return f"the last day named in {notice} is {day(claim.deadline_on)}. Wait until it is over."
    return ""


def evidence(claims: Sequence[Claim]) -> Evidence:
    """Of claims of which nothing is missing."""
    last = max(claims, key=lambda claim: (claim.deadline_on or date.min, claim.notice_id or 0))
    assert last.notice_id is not None  # `missing` said so
    assert last.deadline_on is not None
    return Evidence(last.notice_id, last.deadline_on)


def commission(amount: Decimal, percent: Decimal, currency: str) -> Decimal:
    """The partner's part of a receipt; negative for money that went back, to the same figure."""
    share = quantise(abs(amount) * percent / 100, currency)
    return share if amount >= ZERO else -share
