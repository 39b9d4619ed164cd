"""Scenes of the demo: stories of one client each, told over weeks through the product's own services.

A scene is a generator. It does something on the day that the stage shows, yields the day on which it goes on, and
ends. The history plays them along with everything else, so that runs, mails and tasks follow as they would in use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle

from collections_app.models import User
from invoices.models import Client, Invoice, PaymentTerms, Receipt, ReceiptMethod
from invoices.rules.allocation import Share
from invoices.rules.money import ZERO
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from invoices.services.receipts import NewReceipt, record_receipt

from .company import Company

VAT = Decimal(20)


class Stage:
    """The day that is shown, the staff, and the clients who play."""

    def __init__(self, staff: Sequence[User], company: Company) -> None:
        self.today, self.day = company.today, date.min
        self.manager, self.tom, self.ines = staff[:3]
        self._roles = cycle(company.actors)

    def in_days(self, days: int) -> date:
        return self.day + timedelta(days=days)

    def ago(self, days: int) -> date:
        """So many days before the day on which the demo is made."""
        return self.today - timedelta(days=days)

    def client(self) -> Client:
        """The next one; with few clients the first plays again."""
        return Client.objects.get(code=next(self._roles))

    def issue(self, client: Client, what: str, amount: str, *, terms: str = "net14") -> Invoice:
        """An invoice of one line over `amount` net, with the tax of our country."""
        chosen = PaymentTerms.objects.get(code=terms)
        new = NewInvoice(client.currency, self.day, terms=chosen, reference=f"PO-{client.pk + 4000}")
        draft = draft_invoice(client, new, [NewLine(what, Decimal(1), Decimal(amount), VAT)], actor=self.tom)
        return issue_invoice(draft.pk, actor=self.tom)

    def pay(
        self,
        client: Client,
        shares: Sequence[tuple[Invoice, Decimal]],
        *,
        method: str = ReceiptMethod.BANK,
        more: Decimal = ZERO,
    ) -> Receipt:
        """Money of today for these invoices; `more` of it stays on account."""
        amount = sum((part for _, part in shares), more)
        reference = " ".join(str(invoice) for invoice, _ in shares) or "Payment on account"
        new = NewReceipt(amount, client.currency, self.day, method=method, reference=reference)
        told = [Share(invoice.pk, part) for invoice, part in shares]
        return record_receipt(client, new, shares=told, actor=self.ines)


Scene = Callable[[Stage], Iterator[date]]


class Playbill:
    """Which scene begins how many business days before today, and which of them goes on when."""

    def __init__(self, stage: Stage, starts: Sequence[tuple[int, Scene]]) -> None:
        self._stage, self._starts = stage, list(starts)
        self._playing: list[tuple[date, Iterator[date]]] = []

    def play(self, day: date, left: int) -> None:
        """All that happens on a business day with `left` of them to go."""
        self._stage.day = day
        begun = [scene(self._stage) for start, scene in self._starts if start == left]
        due = [story for on, story in self._playing if on <= day]
        self._playing = [(on, story) for on, story in self._playing if on > day]
        for story in [*due, *begun]:
            if (goes_on := next(story, None)) is not None:
                self._playing.append((goes_on, story))
