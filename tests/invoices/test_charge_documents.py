"""One document a month for a client, itemised: what goes on it, what waits, and giving up one line of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from invoices.composing import invoice_html
from invoices.errors import LedgerError
from invoices.models import (
    Charge,
    ChargeStatus,
    Client,
    CreditNote,
    CreditNoteLine,
    Invoice,
    PaymentPlan,
    PlanItem,
    PlanStatus,
)
from invoices.queries.ledger import ledger_differences
from invoices.services.charge_documents import issue_charge, issue_charges
from invoices.services.charges import Spared, draft_charges, waive_charge
from invoices.services.documents import invoice_facts
from tests import builders

pytestmark = pytest.mark.django_db

APRIL = date(2026, 4, 1)


@pytest.fixture
def client() -> Client:
    """Two invoices, due at the end of January and of February."""
    builders.an_organisation()
    client = builders.slowco(country="GB", late_charge_rule="uk-1998", is_late_charge_monthly=True)
    for amount, due_on in (("999.99", date(2026, 1, 31)), ("10000", date(2026, 2, 28))):
        builders.an_invoice(client, amount=amount, due_on=due_on)
    return client


def documents() -> list[Invoice]:
    return list(Invoice.objects.filter(kind="charge").order_by("pk"))


def statuses() -> list[str]:
    return list(Charge.objects.order_by("pk").values_list("status", flat=True))


def clean() -> bool:
    return not list(ledger_differences())


def automatic() -> None:
    Client.objects.update(is_late_charge_automatic=True)


def test_month_is_one_document_with_a_line_for_each_charge(client: Client) -> None:
    automatic()
    done = draft_charges(APRIL)
    (document,) = documents()
    lines = list(document.lines.values_list("net_amount", flat=True))
    assert (done.drafted, done.issued, lines) == (4, 4, [Decimal("18.99"), 40, Decimal("99.79"), 100])
    assert document.open_amount == sum(lines)
    assert clean()


def test_pdf_shows_each_computation(client: Client) -> None:
    automatic()
    draft_charges(APRIL)
    (document,) = documents()
    html = invoice_html(invoice_facts(document))
    numbers = Invoice.objects.filter(kind="invoice").values_list("number", flat=True)
    assert all(html.count(str(number)) >= 4 for number in numbers)
    assert "18.99" in html
    assert "99.79" in html


def test_issuing_one_draft_takes_the_others_along(client: Client) -> None:
    draft_charges(APRIL)
    charge = issue_charge(Charge.objects.order_by("pk")[2].pk, actor="Fay", on=APRIL)
    assert (statuses(), len(documents())) == (["issued"] * 4, 1)
    assert charge.document == documents()[0]


def test_draft_that_is_wrong_by_now_stays_behind(client: Client) -> None:
    draft_charges(APRIL)
    first, second = Invoice.objects.order_by("pk")
    builders.a_receipt(client, "999.99", pays=first, on=date(2026, 2, 14))
    issue_charge(Charge.objects.get(invoice=second, kind="interest").pk, actor="Fay", on=APRIL)
    assert statuses() == ["draft", "issued", "issued", "issued"]
    assert clean()


def test_ticked_drafts_of_one_month_are_no_problem_to_each_other(client: Client) -> None:
    draft_charges(APRIL)
    found = issue_charges([charge.pk for charge in Charge.objects.all()], actor="Fay")
    assert found == (4, 1, [])


def test_ticked_charge_that_was_issued_before_is_said(client: Client) -> None:
    Client.objects.update(is_late_charge_monthly=False)
    draft_charges(APRIL)
    first, second, *_ = Charge.objects.order_by("pk")
    issue_charge(first.pk, actor="Fay", on=APRIL)
    found = issue_charges([first.pk, second.pk], actor="Fay")
    assert (found.charges, len(found.problems)) == (1, 1)


def test_each_currency_has_its_own_document(client: Client) -> None:
    automatic()
    builders.an_invoice(client, amount="5000", currency="EUR", due_on=date(2026, 2, 28))
    draft_charges(APRIL)
    assert sorted(document.currency for document in documents()) == ["EUR", "GBP"]
    assert clean()


def test_later_draft_waits_for_the_document_of_the_next_month(client: Client) -> None:
    automatic()
    draft_charges(APRIL)
    builders.an_invoice(client, amount="2000", due_on=date(2026, 3, 15))
    draft_charges(date(2026, 4, 10))
    assert (statuses().count("draft"), len(documents())) == (2, 1)
    draft_charges(date(2026, 5, 1))
    assert (statuses().count("draft"), len(documents())) == (0, 2)
    assert clean()


def test_waiving_one_item_credits_just_its_line(client: Client) -> None:
    automatic()
    draft_charges(APRIL)
    charge = Charge.objects.order_by("pk")[1]
    waive_charge(charge.pk, reason="Goodwill", actor="Fay", on=APRIL)
    line = CreditNoteLine.objects.get()
    assert (line.net_amount, line.invoice_line.position) == (40, 2)
    assert statuses() == ["issued", "waived", "issued", "issued"]
    assert documents()[0].open_amount == Decimal("218.78")
    assert clean()


def test_corrected_item_is_credited_on_its_line_and_the_rest_can_still_be_waived(client: Client) -> None:
    automatic()
    draft_charges(APRIL)
    first = Invoice.objects.order_by("pk")[0]
    builders.a_receipt(client, "999.99", pays=first, on=date(2026, 2, 14))
    assert draft_charges(date(2026, 4, 2)).corrected == 1
    charge = Charge.objects.order_by("pk")[0]
    assert charge.corrected_amount == Decimal("14.48")
    waive_charge(charge.pk, reason="Goodwill", actor="Fay", on=date(2026, 4, 3))
    assert [note.total_amount for note in CreditNote.objects.order_by("pk")] == [Decimal("14.48"), Decimal("4.51")]
    assert set(CreditNoteLine.objects.values_list("invoice_line__position", flat=True)) == {1}
    assert clean()


def test_document_that_owes_another_sum_than_its_items_is_named(client: Client) -> None:
    automatic()
    draft_charges(APRIL)
    Charge.objects.filter(amount=40).update(amount=50)
    assert str(next(iter(ledger_differences()))).startswith("Late charge CH-00001, total: stored 258.78")


# --- whom the tick spares -------------------------------------------------------------------------------------


def test_spared_client_and_invoice_are_not_charged_and_not_issued(client: Client) -> None:
    automatic()
    first, second = Invoice.objects.order_by("pk")
    assert draft_charges(APRIL, spared=Spared(client_ids=frozenset([client.pk]))).drafted == 0
    assert draft_charges(APRIL, spared=Spared(invoice_ids=frozenset([first.pk]))).drafted == 2
    assert set(Charge.objects.values_list("invoice", flat=True)) == {second.pk}


def test_draft_from_before_is_not_issued_while_the_client_is_spared(client: Client) -> None:
    draft_charges(APRIL)
    automatic()
    draft_charges(date(2026, 4, 2), spared=Spared(client_ids=frozenset([client.pk])))
    assert documents() == []
    draft_charges(date(2026, 4, 3))
    assert len(documents()) == 1


def test_spared_client_still_gets_back_what_was_too_much(client: Client) -> None:
    automatic()
    draft_charges(APRIL)
    builders.a_receipt(client, "999.99", pays=Invoice.objects.order_by("pk")[0], on=date(2026, 2, 14))
    assert draft_charges(date(2026, 4, 2), spared=Spared(client_ids=frozenset([client.pk]))).corrected == 1


def test_consumer_owes_dutch_costs_only_after_the_letter() -> None:
    client = builders.slowco(country="NL", currency="EUR", debtor_type="consumer", late_charge_rule="nl-bik")
    invoice = builders.an_invoice(client, amount="1000", due_on=date(2026, 1, 31))
    assert draft_charges(APRIL).drafted == 0
    draft_charges(APRIL, spared=Spared(warned_ids=frozenset([invoice.pk])))
    assert list(Charge.objects.values_list("kind", "amount", "status")) == [
        ("compensation", Decimal(150), ChargeStatus.DRAFT)
    ]


def test_business_owes_dutch_costs_without_a_letter() -> None:
    client = builders.slowco(country="NL", currency="EUR", late_charge_rule="nl-bik")
    builders.an_invoice(client, amount="1000", due_on=date(2026, 1, 31))
    assert draft_charges(APRIL).drafted == 1


def test_draft_under_a_plan_is_not_issued(client: Client) -> None:
    draft_charges(APRIL)
    plan = PaymentPlan.objects.create(
        client=client,
        currency="GBP",
        total_amount=999,
        status=PlanStatus.ACTIVE,
        frequency="monthly",
        first_on=date(2026, 5, 1),
        agreed_on=APRIL,
    )
    charge = Charge.objects.order_by("pk")[0]
    PlanItem.objects.create(plan=plan, invoice=charge.invoice, amount=999)
    with pytest.raises(LedgerError, match="in a payment plan or settlement"):
        issue_charge(charge.pk, actor="Fay", on=APRIL)
    issue_charge(Charge.objects.order_by("pk")[2].pk, actor="Fay", on=APRIL)
    assert statuses() == ["draft", "draft", "issued", "issued"]
