"""Which open items a receipt pays. Pure: amounts in, (item, amount) pairs out; the rest stays on account.

A policy is a function of the money and the items. All of them pay what is owed for one reason (costs, interest,
principal) before the next, in the order agreed or set by law, and none pays an item beyond what it has open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .money import ZERO, split
from .references import client_reference, invoice_reference


class Claim(StrEnum):
    """What an item is owed for. A document over several is of the first of them."""

    COSTS = "costs"
    INTEREST = "interest"
    PRINCIPAL = "principal"


class ClaimOrder(StrEnum):
    """Which of them a payment pays first, where the payer did not say."""

    PRINCIPAL_FIRST = "principal_first"
    COSTS_FIRST = "costs_first"

    @property
    def label(self) -> str:
        if self is ClaimOrder.COSTS_FIRST:
            return "Costs, interest, then principal (Germany: BGB 367)"
        return "Principal, interest, then costs"


CLAIMS: Mapping[ClaimOrder, tuple[Claim, ...]] = {
    ClaimOrder.PRINCIPAL_FIRST: (Claim.PRINCIPAL, Claim.INTEREST, Claim.COSTS),
    ClaimOrder.COSTS_FIRST: (Claim.COSTS, Claim.INTEREST, Claim.PRINCIPAL),
}


class Policy(StrEnum):
    BY_REFERENCE = "by_reference"
    EXACT = "exact"
    OLDEST_FIRST = "oldest_first"
    LARGEST_FIRST = "largest_first"
    PROPORTIONAL = "proportional"
    STATUTORY = "statutory"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS: Mapping[Policy, str] = {
    Policy.BY_REFERENCE: "As the reference says",
    Policy.EXACT: "The item of this amount",
    Policy.OLDEST_FIRST: "Oldest first",
    Policy.LARGEST_FIRST: "Largest first",
    Policy.PROPORTIONAL: "In proportion",
    Policy.STATUTORY: "Costs, interest, principal",
}


class Payable(NamedTuple):
    """An open item. `owner_id` and `owner` name its client, where the money is of another one."""

    invoice_id: int
    number: str
    due_on: date
    open_amount: Decimal
    claim: Claim = Claim.PRINCIPAL
    owner_id: int = 0
    owner: str = ""


class Share(NamedTuple):
    """This much to this invoice; `writes_off_rest` when the small difference that stays open is given up."""

    invoice_id: int
    amount: Decimal
    writes_off_rest: bool = False


class Money(NamedTuple):
    """What is to be allocated: `reference` as on the bank statement, `client_id` of who paid."""

    amount: Decimal
    currency: str
    reference: str = ""
    order: ClaimOrder = ClaimOrder.PRINCIPAL_FIRST
    client_id: int = 0


def in_order(amount: Decimal, items: Sequence[Payable]) -> list[Share]:
    """Pay items one after the other until the amount is used up: 25 on 4/7/9 gives 4/7/9 (and 5 on account)."""
    shares = []
    for item in items:
        part = min(amount, item.open_amount)
        if part <= ZERO:
            break
        shares.append(Share(item.invoice_id, part))
        amount -= part
    return shares


def by_age(items: Sequence[Payable]) -> list[Payable]:
    """By due date, then number."""
    return sorted(items, key=lambda item: (item.due_on, item.number, item.invoice_id))


def oldest_first(money: Money, items: Sequence[Payable]) -> list[Share]:
    """By due date, then number."""
    return in_order(money.amount, [item for tier in _tiers(money.order, items) for item in tier])


def largest_first(money: Money, items: Sequence[Payable]) -> list[Share]:
    """By what is open; of equal items the oldest."""
    tiers = [sorted(tier, key=lambda item: -item.open_amount) for tier in _tiers(money.order, items)]
    return in_order(money.amount, [item for tier in tiers for item in tier])


def proportional(money: Money, items: Sequence[Payable]) -> list[Share]:
    """By what is open, by largest remainder: 500.00 on 333.33/333.33/333.34 gives 166.67/166.66/166.67."""
    left, shares = money.amount, []
    for tier in _tiers(money.order, items):
        weights = [item.open_amount for item in tier]
        part = min(left, sum(weights, ZERO))
        if part <= ZERO:
            continue  # nothing of this claim is open
        parts = weights if part == sum(weights, ZERO) else split(part, weights, money.currency)
        shares += [Share(item.invoice_id, share) for item, share in zip(tier, parts, strict=True) if share]
        left -= part
    return shares


def exact(money: Money, items: Sequence[Payable]) -> list[Share]:
    """The single item open with exactly this amount; nothing when there is none, or several."""
    found = [item for item in items if item.open_amount == money.amount]
    return [Share(found[0].invoice_id, money.amount)] if len(found) == 1 else []


def by_reference(money: Money, items: Sequence[Payable]) -> list[Share]:
    """The items whose number or creditor reference stands in the text, oldest first; what is over stays on account.

    The client's own creditor reference means any of them.
    """
    own = client_reference(money.client_id) if money.client_id else ""
    if own and own in _compact(money.reference):
        return oldest_first(money, items)
    return oldest_first(money, list(_named(money.reference, items)))


def statutory(money: Money, items: Sequence[Payable]) -> list[Share]:
    """Costs, then interest, then principal, whatever was set (BGB 367): 500 on 40/25.50/1,000 gives 40/25.50/434.50."""
    return oldest_first(money._replace(order=ClaimOrder.COSTS_FIRST), items)


POLICIES: Mapping[Policy, Callable[[Money, Sequence[Payable]], list[Share]]] = {
    Policy.BY_REFERENCE: by_reference,
    Policy.EXACT: exact,
    Policy.OLDEST_FIRST: oldest_first,
    Policy.LARGEST_FIRST: largest_first,
    Policy.PROPORTIONAL: proportional,
    Policy.STATUTORY: statutory,
}


def suggested(money: Money, items: Sequence[Payable]) -> Policy:
    """What the reference names; else the single item of exactly the amount; else the oldest first."""
    for policy in (Policy.BY_REFERENCE, Policy.EXACT):
        if POLICIES[policy](money, items):
            return policy
    return Policy.OLDEST_FIRST


def _tiers(order: ClaimOrder, items: Sequence[Payable]) -> Iterator[list[Payable]]:
    """The items of each claim in turn, the oldest first."""
    for claim in CLAIMS[order]:
        yield by_age([item for item in items if item.claim == claim])


def _compact(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).upper()


def _named(text: str, items: Sequence[Payable]) -> Iterator[Payable]:
    """INV-00012 is also found as "inv 00012", but not in INV-000123; a number of one or two signs could be anything."""
    compact = _compact(text)
    for item in items:
        words = r"[\W_]*".join(re.escape(word) for word in re.split(r"[\W_]+", item.number) if word)
        pattern = rf"(?<![A-Za-z0-9]){words}(?![A-Za-z0-9])"
        is_written = len(_compact(item.number)) > 2 and re.search(pattern, text, re.IGNORECASE)
        if is_written or invoice_reference(item.invoice_id) in compact:
            yield item
