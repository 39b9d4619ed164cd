"""The table in which an amount is spread over open items, and what each policy would give before anything is booked."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError

from invoices.queries.payables import Allocatable
from invoices.rules.allocation import POLICIES, Claim, Payable, Policy, Share, suggested
from invoices.rules.limits import is_small_difference
from invoices.rules.money import ZERO, exponent, is_whole, plain

from .fields import MoneyField


class ShareRow(NamedTuple):
    """One open item: what is typed for it, what is wrong with that, and the small difference that it would leave."""

    item: Payable
    typed: str
    error: str
    small: Decimal | None
    is_given_up: bool


class Choice(NamedTuple):
    """A policy with its result. `pays` names at most three items."""

    policy: Policy
    pays: list[tuple[str, Decimal]]
    more: int
    rest: Decimal
    is_chosen: bool


class Shares:
    """How an amount is spread over open items. `basis` says for what the typed figures were meant: when the client,
    the amount or the currency changed since, they are suggested afresh, and also when a policy is asked for."""

    def __init__(self, given: Allocatable, data: Mapping[str, str], client: str) -> None:
        self.money, self.items, self.tolerance = given
        self.currency, self.amount = self.money.currency, self.money.amount
        self.basis = f"{client}:{plain(self.amount, self.currency)}:{self.currency}"
        is_typed = data.get("basis") == self.basis and "suggest" not in data
        self.policy = None if is_typed else self._policy(data.get("suggest", ""))
        self.rows = [self._row(item, typed, data) for item, typed in self._typed(data)]
        amounts = [(row, self._amount(row.typed)) for row in self.rows if not row.error]
        self.values = [Share(row.item.invoice_id, amount, row.is_given_up) for row, amount in amounts if amount]
        self.used = sum((share.amount for share in self.values), ZERO)
        self.rest = self.amount - self.used
        self.error = ""
        if self.rest < 0:
            over = f"{plain(-self.rest, self.currency)} {self.currency}"
            self.error = f"{over} more than there is to allocate. Lower some of the amounts."

    def _policy(self, asked: str) -> Policy:
        return Policy(asked) if asked in set(Policy) else suggested(self.money, self.items)

    def _typed(self, data: Mapping[str, str]) -> list[tuple[Payable, str]]:
        """The client's own items first, then those it pays for, by name; the oldest first."""
        items = sorted(self.items, key=lambda i: (i.owner_id != self.money.client_id, i.owner, i.owner_id))
        if self.policy is None:
            return [(item, data.get(f"share-{item.invoice_id}", "")) for item in items]
        found = {share.invoice_id: share.amount for share in POLICIES[self.policy](self.money, self.items)}
        return [(i, plain(found[i.invoice_id], self.currency) if i.invoice_id in found else "") for i in items]

    @property
    def plain_amount(self) -> str:
        return plain(self.amount, self.currency)

    @property
    def has_group(self) -> bool:
        return any(item.owner_id != self.items[0].owner_id for item in self.items)

    def choices(self) -> list[Choice]:
        """The policies that make a difference here, each with what it would pay."""
        is_several = len(self.items) > 1
        has_costs = len({item.claim for item in self.items}) > 1
        offered = {
            Policy.LARGEST_FIRST: is_several,
            Policy.PROPORTIONAL: is_several,
            Policy.STATUTORY: has_costs and any(item.claim == Claim.PRINCIPAL for item in self.items),
        }
        found = [self._choice(policy) for policy in Policy if offered.get(policy, True)]
        return [choice for choice in found if choice.pays]

    def _choice(self, policy: Policy) -> Choice:
        shares = POLICIES[policy](self.money, self.items)
        numbers = {item.invoice_id: item.number for item in self.items}
        pays = [(numbers[share.invoice_id], share.amount) for share in shares]
        rest = self.amount - sum((amount for _, amount in pays), ZERO)
        return Choice(policy, pays[:3], len(pays[3:]), rest, policy == self.policy)

    def _amount(self, typed: str) -> Decimal | None:
        try:
            return MoneyField(required=False).clean(typed)
        except ValidationError:
            return None

    def _row(self, item: Payable, typed: str, data: Mapping[str, str]) -> ShareRow:
        error = self._error(item, typed)
        left = item.open_amount - (self._amount(typed) or ZERO)
        is_small = not error and is_small_difference(left, item.open_amount, self.currency, self.tolerance)
        is_given_up = is_small and f"rest-{item.invoice_id}" in data
        return ShareRow(item, typed, error, left if is_small else None, is_given_up)

    def _error(self, item: Payable, typed: str) -> str:
        try:
            amount = MoneyField(required=False).clean(typed)
        except ValidationError as error:
            return str(error.messages[0])
        if amount is None:
            return ""
        if amount < 0:
            return "Enter an amount above 0, or nothing."
        if amount > item.open_amount:
            return f"Only {plain(item.open_amount, self.currency)} is open."
        if not is_whole(amount, self.currency):
            return f"{self.currency} has {exponent(self.currency)} decimals."
        return ""

    def is_valid(self) -> bool:
        return not self.error and not any(row.error for row in self.rows)
