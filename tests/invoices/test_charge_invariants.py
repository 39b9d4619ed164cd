"""Whatever happens, in whatever order: no day is charged twice, charges bear none, and what is owed is charged."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invoices.errors import LedgerError
from invoices.models import Charge, ChargeKind, ChargeStatus, Client, Invoice, InvoicePart
from invoices.queries.charges import charged_sum, claim_of, counted, with_charges
from invoices.queries.ledger import ledger_differences
from invoices.rules.instalments import Part, Share
from invoices.rules.interest.computing import compute
from invoices.services.charge_documents import issue_charge
from invoices.services.charges import draft_charges, drop_charge, waive_charge
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from invoices.services.rates import rates_in_force, scheme_for
from invoices.services.reversals import reverse_receipt
from invoices.services.terms import create_terms
from tests import builders

pytestmark = pytest.mark.django_db

START = date(2026, 1, 31)
END = date(2026, 9, 1)
acts = st.sampled_from(["tick", "tick", "pay", "pay", "reverse", "issue", "issue", "waive", "drop"])
days = st.integers(0, 200).map(lambda n: START + timedelta(days=n))
amounts = st.decimals(Decimal(1), Decimal(4000), places=2)


@settings(max_examples=20)  # a story of twelve acts with all its documents takes seconds
@given(st.booleans(), st.booleans(), st.lists(st.tuples(acts, amounts, days), max_size=12))
def test_nothing_is_charged_twice_and_all_that_is_owed_is_charged(is_monthly, is_in_parts, told) -> None:
    client = builders.a_client(
        country="GB",
        late_charge_rule="uk-1998",
        is_late_charge_monthly=is_monthly,
        is_late_charge_automatic=is_monthly,
    )
    invoice = in_thirds(client) if is_in_parts else builders.an_invoice(client, amount="9000", due_on=START)
    today = START
    for what, amount, on in told:
        today = max(today, on)
        tell(invoice, what, amount, on=on, today=today)
    draft_charges(END)
    late = with_charges([Invoice.objects.get(pk=invoice.pk)])[0]
    interest = counted(late.charges, ChargeKind.INTEREST)
    assert all(first.through_on < then.from_on for first, then in pairwise(interest))
    assert len(counted(late.charges, ChargeKind.COMPENSATION)) <= 1
    whole = compute(scheme_for("uk-1998"), claim_of(late, client, date(2026, 8, 31)), rates_in_force())
    assert 0 <= whole.interest - charged_sum(late.charges, ChargeKind.INTEREST) < 1
    assert not Charge.objects.filter(invoice__kind="charge").exists()
    assert list(ledger_differences()) == []


def in_thirds(client: Client) -> Invoice:
    """9,000.00 in three equal parts, a month apart from START on."""
    parts = (
        Part(Share.FIXED, Decimal(3000), days=30),
        Part(Share.FIXED, Decimal(3000), days=60),
        Part(Share.REMAINDER, days=90),
    )
    terms = create_terms({"code": f"thirds{client.pk}", "name": f"Thirds {client.pk}"}, parts=parts, actor="Fay")
    new = NewInvoice("GBP", date(2026, 1, 1), terms=terms)
    draft = draft_invoice(client, new, [NewLine("Hand planes", Decimal(1), Decimal(9000))], actor="Fay")
    return issue_invoice(draft.pk, actor="Fay")


def tell(invoice: Invoice, what: str, amount: Decimal, *, on: date, today: date) -> None:
    """`on`, the day that a receipt is dated, may lie before what was charged already."""
    drafts = Charge.objects.filter(invoice=invoice, status=ChargeStatus.DRAFT).order_by("pk")
    issued = Charge.objects.filter(invoice=invoice, status=ChargeStatus.ISSUED).order_by("pk")
    receipt = invoice.client.receipts.filter(reversed_on=None).order_by("pk").first()
    try:
        if what == "tick":
            draft_charges(today)
        elif what == "pay":
            builders.a_receipt(invoice.client, amount, pays=invoice, on=on)
        elif what == "reverse" and receipt:
            reverse_receipt(receipt.pk, reason="bounced", actor="Fay", on=today)
        elif what == "issue" and drafts:
            issue_charge(drafts[0].pk, actor="Fay", on=today)
        elif what == "drop" and drafts:
            drop_charge(drafts[0].pk, actor="Fay")
        elif what == "waive" and issued:
            waive_charge(issued[0].pk, reason="Goodwill", actor="Fay", on=today)
    except LedgerError:
        return


def test_part_paid_late_is_charged_though_the_next_is_not_due() -> None:
    client = builders.slowco(country="GB", late_charge_rule="uk-1998")
    invoice = in_thirds(client)
    first, *_, last = InvoicePart.objects.filter(invoice=invoice)
    builders.a_receipt(client, "3000", pays=invoice, on=first.due_on + timedelta(days=14))
    draft_charges(date(2026, 3, 1))
    charge = Charge.objects.get(kind="interest")
    assert (charge.amount, charge.through_on) == (Decimal("13.52"), first.due_on + timedelta(days=14))
    builders.a_receipt(client, "6000", pays=invoice, on=date(2026, 3, 2))
    for month in (4, 5, 6):
        draft_charges(date(2026, month, 1))
    assert sorted(Charge.objects.values_list("kind", flat=True)) == ["compensation", "interest"]
    assert last.due_on > date(2026, 3, 2)
