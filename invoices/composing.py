"""Facts in, HTML of an invoice or a credit note out, in the client's language. No database, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import override

from .rules.invoicing import STANDARD, TaxLine
from .rules.schedule import Due, Schedule

# Where the tax on sales is no value added tax.
NO_VAT = frozenset({"US", "CA", "HK", "BN", "KW", "QA"})
EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
EXEMPTING_ARTICLE = {"K": 138, "G": 146}  # of Directive 2006/112/EC


class Party(NamedTuple):
    """The client as the document names him."""

    name: str
    address: str
    code: str
    tax_number: str
    registration_number: str


class Frame(NamedTuple):
    """What every document has: who writes, to whom, and in which words."""

    sender: Any  # invoices.Organisation
    client: Party
    language: str
    words: Mapping[str, str]

    @property
    def tax_word(self) -> str:
        return self.words["tax" if self.sender.country in NO_VAT else "vat"]

    def tax_notes(self, taxes: Sequence[TaxLine]) -> list[str]:
        """The sentence that the law asks for where a line bears no tax (EN 16931 BT-120)."""
        notes = []
        for category in dict.fromkeys(tax.category for tax in taxes if tax.category != STANDARD):
            text = self.words[f"note_{category}"]
            if self.sender.country in EU and (article := EXEMPTING_ARTICLE.get(category)):
                text = f"{text} {self.words['eu_article'].format(article=article)}"
            notes.append(text)
        return notes


class LineFacts(NamedTuple):
    """One line of an invoice. Rates in percent."""

    position: int
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    discount_percent: Decimal
    tax_rate: Decimal
    tax_category: str
    net_amount: Decimal


class AdjustmentFacts(NamedTuple):
    """An allowance (negative) or surcharge on the whole; `percent` of `base`, or 0 for an amount."""

    description: str
    percent: Decimal
    base: Decimal
    amount: Decimal


class LateClause(NamedTuple):
    """What is owed for paying late: our own words, or the law, or the rate of the contract (percent a year)."""

    text: str = ""
    law: str = ""
    rate: Decimal | None = None
    fixed_sum: Decimal | None = None
    currency: str = ""


class PortalLink(NamedTuple):
    """A client's own link, good through `until`."""

    url: str
    until: date


class Online(NamedTuple):
    """Where to pay online: an address that stays, or a contact's own link until a day; `code` is its QR as SVG."""

    url: str
    page: str  # the address that stays
    code: str
    until: date | None = None


class ChargeFacts(NamedTuple):
    """What a late charge is for. `found` is the computation as kept with it (rules/interest/showing.py)."""

    is_interest: bool
    invoice_number: str
    invoice_issued_on: date
    invoice_due_on: date
    invoice_amount: Decimal
    found: Mapping[str, Any]

    @property
    def has_charged_before(self) -> bool:
        return bool(Decimal(self.found.get("charged_before") or 0))


class InvoiceFacts(NamedTuple):
    """What an invoice prints. `to_pay` is what is open, of a draft its total; `code` the transfer's QR, or empty."""

    frame: Frame
    number: str
    state: str  # "", "draft" or "void", printed large
    issued_on: date
    due_on: date
    original_due_on: date | None  # as first printed, where a later date was agreed since
    delivered_on: date | None
    their_reference: str
    buyer_reference: str
    project: str
    currency: str
    lines: Sequence[LineFacts]
    adjustments: Sequence[AdjustmentFacts]
    taxes: Sequence[TaxLine]
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    to_pay: Decimal
    text: str
    schedule: Schedule
    parts: Sequence[tuple[Due, Decimal]]  # of split terms, each with what is left of it
    terms_text: str
    late: LateClause | None
    transfer_reference: str
    iban: str
    code: str
    online: Online
    charges: Sequence[ChargeFacts] = ()

    @property
    def charge(self) -> ChargeFacts | None:
        """The first of what a document of late charges charges for."""
        return self.charges[0] if self.charges else None

    @property
    def title(self) -> str:
        return self.frame.words["late_charge" if self.charge else "invoice"]

    @property
    def paid_amount(self) -> Decimal:
        return self.total_amount - self.to_pay

    @property
    def lines_amount(self) -> Decimal:
        return self.net_amount - sum((one.amount for one in self.adjustments), Decimal(0))

    @property
    def has_discounts(self) -> bool:
        return any(line.discount_percent for line in self.lines)

    @property
    def has_units(self) -> bool:
        return any(line.unit for line in self.lines)


class CreditNoteFacts(NamedTuple):
    """What a credit note prints. `taken_off` reduces the invoice; the rest is put on account."""

    frame: Frame
    number: str  # empty in a preview
    issued_on: date
    invoice_number: str
    invoice_issued_on: date
    their_reference: str
    currency: str
    reason: str
    lines: Sequence[Any]  # invoices.CreditNoteLine
    taxes: Sequence[TaxLine]
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    taken_off: Decimal

    @property
    def on_account(self) -> Decimal:
        return self.total_amount - self.taken_off

    @property
    def has_pieces(self) -> bool:
        return any(line.quantity for line in self.lines)


def invoice_html(facts: InvoiceFacts) -> str:
    return _html("documents/invoice.html", facts)


def credit_note_html(facts: CreditNoteFacts) -> str:
    return _html("documents/credit_note.html", facts)


def _html(template: str, facts: InvoiceFacts | CreditNoteFacts) -> str:
    frame = facts.frame
    context = {**frame._asdict(), "facts": facts, "tax_word": frame.tax_word, "tax_notes": frame.tax_notes(facts.taxes)}
    with override(frame.language):
        return render_to_string(template, context)
