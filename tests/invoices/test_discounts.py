"""Paid early, the discount is given by itself; a little late, a manager decides; gone again, it is taken back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from invoices.errors import LedgerError
from invoices.models import Client, CreditNote, Discount, EntryKind, Invoice, PaymentTerms, Receipt, TermsPart
from invoices.queries.discounts import open_offer
from invoices.queries.ledger import ledger_differences
from invoices.rules.allocation import Share
from invoices.rules.crediting import ByAmount, Whole
from invoices.services.credit_notes import issue_credit_note, taken_off
from invoices.services.discounts import decide_discount
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice, record_issued_invoice
from invoices.services.receipts import allocate, undo_allocation
from tests.builders import a_receipt, acme, an_organisation, fay

pytestmark = pytest.mark.django_db
ISSUED = date(2026, 3, 2)


def day(n: int) -> date:
    return ISSUED + timedelta(days=n)


def two_ten(**fields: Any) -> PaymentTerms:
    """2 % within 10 days, net 30."""
    given = {
        "code": "2-10-30",
        "name": "2/10 net 30",
        "days": 30,
        "discount_percent": Decimal(2),
        "discount_days": 10,
        **fields,
    }
    return PaymentTerms.objects.create(**given)


@pytest.fixture
def client() -> Client:
    an_organisation(country="GB", currency="GBP")
    return acme()


def invoice_of(
    client: Client, amount: str = "1000.00", *, tax: str = "0", terms: PaymentTerms | None = None
) -> Invoice:
    new = NewInvoice("GBP", ISSUED, terms=terms or PaymentTerms.objects.filter(code="2-10-30").first() or two_ten())
    line = NewLine("Hand planes", Decimal(1), Decimal(amount), Decimal(tax))
    return issue_invoice(draft_invoice(client, new, [line], actor="Fay").pk, actor="Fay")


def fresh(invoice: Invoice) -> Invoice:
    return Invoice.objects.get(pk=invoice.pk)


def kinds(invoice: Invoice) -> list[str]:
    return list(invoice.entries.order_by("pk").values_list("kind", flat=True))


def right() -> bool:
    return [str(one) for one in ledger_differences()] == []


def test_the_discount_is_kept_as_it_was_at_issue(client):
    invoice = invoice_of(client)
    PaymentTerms.objects.update(discount_percent=5)
    assert (fresh(invoice).discount_percent, fresh(invoice).discount_until) == (Decimal("2.00"), day(10))


def test_terms_in_parts_offer_no_discount(client):
    terms = two_ten()
    TermsPart.objects.create(terms=terms, position=1, share="percent_of_total", value=50, days=10)
    TermsPart.objects.create(terms=terms, position=2, share="remainder", days=30)
    assert invoice_of(client, terms=terms).discount_percent is None


def test_980_on_the_tenth_day_closes_1000(client):
    invoice = invoice_of(client)
    a_receipt(client, "980.00", pays=invoice, on=day(10))
    assert (fresh(invoice).open_amount, fresh(invoice).closed_on) == (0, day(10))
    assert kinds(invoice) == [EntryKind.ISSUED, EntryKind.ALLOCATED, EntryKind.DISCOUNTED]
    assert right()


def test_980_on_the_eleventh_day_leaves_20_that_a_manager_decides_on(client):
    invoice = invoice_of(client)
    a_receipt(client, "980.00", pays=invoice, on=day(11))
    assert fresh(invoice).open_amount == Decimal("20.00")
    proposed = invoice.discounts.get()
    assert (proposed.status, proposed.amount, proposed.days_late) == ("proposed", Decimal("20.00"), 1)
    assert right()


def test_days_of_grace_are_given_without_a_word(client):
    invoice = invoice_of(client, terms=two_ten(discount_grace_days=3))
    a_receipt(client, "980.00", pays=invoice, on=day(13))
    assert fresh(invoice).open_amount == 0


def test_money_that_came_in_time_earns_the_discount_though_it_was_allocated_late(client):
    invoice = invoice_of(client)
    receipt = a_receipt(client, "980.00", on=day(9))
    allocate(receipt.pk, [Share(invoice.pk, Decimal("980.00"))], actor="Fay", on=day(15))
    assert fresh(invoice).open_amount == 0


def test_two_receipts_together_earn_it_once(client):
    invoice = invoice_of(client)
    a_receipt(client, "500.00", pays=invoice, on=day(3))
    assert fresh(invoice).open_amount == Decimal("500.00")
    a_receipt(client, "480.00", pays=invoice, on=day(10))
    assert fresh(invoice).open_amount == 0
    assert Discount.objects.count() == 1


def test_pro_rata_each_payment_in_time_settles_its_share(client):
    invoice = invoice_of(client, terms=two_ten(is_discount_pro_rata=True))
    a_receipt(client, "490.00", pays=invoice, on=day(3))
    assert fresh(invoice).open_amount == Decimal("500.00")
    a_receipt(client, "490.00", pays=invoice, on=day(10))
    assert fresh(invoice).open_amount == 0
    assert right()


def test_money_above_the_discounted_total_leaves_only_the_rest_as_discount(client):
    invoice = invoice_of(client)
    a_receipt(client, "990.00", pays=invoice, on=day(2))
    assert (fresh(invoice).open_amount, invoice.discounts.get().amount) == (0, Decimal("10.00"))


def test_who_pays_in_full_in_time_gets_nothing_back(client):
    invoice = invoice_of(client)
    a_receipt(client, "1000.00", pays=invoice, on=day(2))
    assert not Discount.objects.exists()


def test_the_tax_inside_the_discount_follows_the_price_in_the_united_kingdom(client):
    invoice = invoice_of(client, tax="20")
    a_receipt(client, "1176.00", pays=invoice, on=day(5))
    found = invoice.discounts.get()
    assert (found.amount, found.tax_amount) == (Decimal("24.00"), Decimal("4.00"))


def test_where_nobody_confirmed_a_rule_no_tax_is_adjusted(client):
    an_organisation(country="US")
    invoice = invoice_of(client, tax="20")
    a_receipt(client, "1176.00", pays=invoice, on=day(5))
    assert invoice.discounts.get().tax_amount == 0


def test_undone_allocation_takes_the_discount_back(client):
    invoice = invoice_of(client)
    receipt = a_receipt(client, "980.00", pays=invoice, on=day(5))
    undo_allocation(receipt.allocations.get().pk, actor="Fay", on=day(8))
    assert fresh(invoice).open_amount == Decimal("1000.00")
    assert invoice.discounts.get().status == "reversed"
    assert right()


def test_paid_again_in_time_the_discount_is_given_again(client):
    invoice = invoice_of(client)
    receipt = a_receipt(client, "980.00", pays=invoice, on=day(5))
    undo_allocation(receipt.allocations.get().pk, actor="Fay", on=day(6))
    allocate(receipt.pk, [Share(invoice.pk, Decimal("980.00"))], actor="Fay", on=day(20))
    assert fresh(invoice).open_amount == 0
    assert right()


def test_credit_note_lowers_the_discount_with_the_price(client):
    """980 settled 1,000. After 100 of it are credited the price is 900, its discount 18: the client gets 98 back."""
    invoice = invoice_of(client)
    a_receipt(client, "980.00", pays=invoice, on=day(5))
    note = issue_credit_note(invoice.pk, what=ByAmount(Decimal("100.00")), reason="Returned", actor="Fay", on=day(20))
    assert fresh(invoice).open_amount == 0
    assert CreditNote.objects.get(pk=note.pk).unapplied_amount == Decimal("98.00")
    assert right()


@pytest.mark.parametrize("paid", ["980.00", "960.00", "1000.00", "0.00"])
@pytest.mark.parametrize("credited", ["15.00", "100.00", "1000.00"])
def test_what_is_said_before_a_credit_note_is_what_it_does(client, paid, credited):
    invoice, amount = invoice_of(client), Decimal(credited)
    if Decimal(paid):
        a_receipt(client, paid, pays=invoice, on=day(5))
    said = taken_off(fresh(invoice), amount)
    note = issue_credit_note(invoice.pk, what=ByAmount(amount), reason="Returned", actor="Fay", on=day(20))
    assert note.unapplied_amount == amount - said
    assert right()


def test_whole_credit_gives_back_what_was_paid_and_no_more(client):
    invoice = invoice_of(client)
    a_receipt(client, "980.00", pays=invoice, on=day(5))
    note = issue_credit_note(invoice.pk, what=Whole(), reason="Returned", actor="Fay", on=day(20))
    assert CreditNote.objects.get(pk=note.pk).unapplied_amount == Decimal("980.00")
    assert right()


def test_the_percentage_is_of_the_total_less_what_was_credited(client):
    invoice = invoice_of(client)
    issue_credit_note(invoice.pk, what=ByAmount(Decimal("100.00")), reason="Returned", actor="Fay", on=day(1))
    a_receipt(client, "882.00", pays=invoice, on=day(5))
    assert (fresh(invoice).open_amount, invoice.discounts.get().amount) == (0, Decimal("18.00"))


def test_manager_grants_a_late_discount(client):
    invoice = invoice_of(client)
    a_receipt(client, "980.00", pays=invoice, on=day(14))
    decide_discount(invoice.discounts.get().pk, is_approved=True, actor=fay(), on=day(15))
    assert fresh(invoice).open_amount == 0
    assert right()


def test_late_discount_granted_goes_with_the_money_it_was_granted_for(client):
    invoice = invoice_of(client)
    receipt = a_receipt(client, "980.00", pays=invoice, on=day(14))
    decide_discount(invoice.discounts.get().pk, is_approved=True, actor=fay(), on=day(15))
    undo_allocation(receipt.allocations.get().pk, actor="Fay", on=day(16))
    assert fresh(invoice).open_amount == Decimal("1000.00")
    assert right()


def test_refused_late_discount_is_not_proposed_again(client):
    invoice = invoice_of(client)
    a_receipt(client, "980.00", pays=invoice, on=day(14))
    decide_discount(invoice.discounts.get().pk, is_approved=False, actor=fay(), on=day(15))
    a_receipt(client, "1.00", pays=invoice, on=day(15))
    assert list(invoice.discounts.values_list("status", flat=True)) == ["refused"]
    assert fresh(invoice).open_amount == Decimal("19.00")


def test_program_does_not_grant_a_late_discount(client):
    invoice = invoice_of(client)
    a_receipt(client, "980.00", pays=invoice, on=day(14))
    with pytest.raises(LedgerError):
        decide_discount(invoice.discounts.get().pk, is_approved=True, actor="import")


def test_weeks_late_is_not_even_proposed(client):
    invoice = invoice_of(client)
    a_receipt(client, "980.00", pays=invoice, on=day(21))
    assert not Discount.objects.exists()


def test_proposal_ends_when_the_rest_is_paid(client):
    invoice = invoice_of(client)
    a_receipt(client, "980.00", pays=invoice, on=day(14))
    a_receipt(client, "20.00", pays=invoice, on=day(16))
    assert invoice.discounts.get().status == "reversed"
    assert right()


def test_offer_says_what_settles_the_invoice_and_until_when(client):
    invoice = invoice_of(client)
    a_receipt(client, "500.00", pays=invoice, on=day(3))
    offer = open_offer(fresh(invoice), day(10))
    assert offer is not None
    assert (offer.pay, offer.last_on) == (Decimal("480.00"), day(10))
    assert open_offer(fresh(invoice), day(11)) is None


def test_invoice_taken_over_from_another_program_has_the_discount_of_its_terms(client):
    new = NewInvoice("GBP", ISSUED, terms=two_ten())
    invoice = record_issued_invoice(client, "X-1", new, Decimal("1000.00"), actor="import")
    a_receipt(client, "980.00", pays=invoice, on=day(5))
    assert fresh(invoice).open_amount == 0
    assert Receipt.objects.get().unapplied_amount == 0
