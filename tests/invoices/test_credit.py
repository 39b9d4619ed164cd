"""Credit: asked for, checked, decided; and the invoice that would go over it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils.timezone import localdate

from invoices.errors import CreditStopped, InvalidAmount, LedgerError
from invoices.models import AuditEvent, Client, Invoice, NumberSeries
from invoices.queries.credit import applications_of, exposure_of, is_decided, over_limit
from invoices.services.credit import (
    Grant,
    add_reference,
    answer_reference,
    apply_for_credit,
    grant_credit,
    refuse_credit,
    set_credit_limit,
)
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from tests.builders import acme, an_invoice

pytestmark = pytest.mark.django_db
LATER = date(2030, 1, 1)


def limited(limit: str | None = "1000", policy: str = "stop", **fields) -> Client:
    return acme(credit_limit=None if limit is None else Decimal(limit), credit_policy=policy, **fields)


def a_draft(client: Client, price: str, currency: str = "GBP", **fields) -> Invoice:
    new = NewInvoice(currency, localdate(), **fields)
    return draft_invoice(client, new, [NewLine("Repairs", Decimal(1), Decimal(price))], actor="Fay")


def test_invoice_over_the_limit_is_stopped_with_the_figures():
    client = limited()
    an_invoice(client, amount="700")
    draft = a_draft(client, "300.01")
    with pytest.raises(CreditStopped, match=r"1000\.01, 0\.01 over the credit limit of 1000\.00 GBP\. Have a manager"):
        issue_invoice(draft.pk, actor="Fay")
    draft.refresh_from_db()
    assert (draft.status, draft.number) == ("draft", None)


def test_stopped_invoice_takes_no_number():
    client = limited("10")
    before = list(NumberSeries.objects.values_list("code", "next_value"))
    with pytest.raises(CreditStopped):
        issue_invoice(a_draft(client, "11").pk, actor="Fay")
    assert list(NumberSeries.objects.values_list("code", "next_value")) == before


def test_invoice_that_just_fits_is_issued():
    client = limited()
    an_invoice(client, amount="700")
    assert issue_invoice(a_draft(client, "300").pk, actor="Fay").status == "issued"


def test_other_drafts_do_not_stop_the_first():
    client = limited()
    drafts = [a_draft(client, "900"), a_draft(client, "900")]
    issue_invoice(drafts[0].pk, actor="Fay")
    with pytest.raises(CreditStopped):
        issue_invoice(drafts[1].pk, actor="Fay")


def test_policy_to_warn_issues():
    assert issue_invoice(a_draft(limited(policy="warn"), "5000").pk, actor="Fay").status == "issued"


def test_credit_hold_stops_whatever_the_policy():
    with pytest.raises(CreditStopped, match="on credit hold"):
        issue_invoice(a_draft(limited(None, "warn", is_credit_hold=True), "1").pk, actor="Fay")


def test_reason_lets_it_through_and_is_kept():
    issued = issue_invoice(a_draft(limited("10"), "11").pk, actor="Mia", over_limit_reason="Prepaid tomorrow")
    event = AuditEvent.objects.get(verb="credit_overridden")
    assert event.subject_id == issued.pk
    assert event.after["reason"] == "Prepaid tomorrow"


def test_reason_that_is_not_needed_leaves_no_trace():
    issue_invoice(a_draft(limited(), "11").pk, actor="Mia", over_limit_reason="In case")
    assert not AuditEvent.objects.filter(verb="credit_overridden").exists()


def test_late_charge_is_no_new_credit():
    assert issue_invoice(a_draft(limited("0"), "40", kind="charge").pk, actor="worker").status == "issued"


def test_another_currency_is_not_counted():
    client = limited("10")
    issue_invoice(a_draft(client, "999", "EUR").pk, actor="Fay")
    exposure = exposure_of(client)
    assert exposure.standing.exposure == 0
    assert exposure.others == (("EUR", Decimal(999), Decimal(0)),)


def test_exposure_is_what_is_open_and_what_is_drafted():
    client = limited()
    an_invoice(client, amount="700")
    a_draft(client, "150")
    standing = exposure_of(client).standing
    assert (standing.owed, standing.drafts, standing.used_percent) == (Decimal(700), Decimal(150), 85)


def test_clients_over_their_limit_are_found():
    client = limited("500", "warn")
    an_invoice(client, amount="500")
    assert not over_limit(Client.objects.all()).exists()
    an_invoice(client, amount="0.01")
    assert [row.code for row in over_limit(Client.objects.all())] == ["ACME"]


def test_granted_application_sets_the_limit_and_says_who_and_why():
    client = limited(None)
    row = apply_for_credit(client.pk, {"asked_amount": Decimal(5000), "registration_number": "0123"}, actor="Fay")
    reference = add_reference(row.pk, name="Steel Ltd", actor="Fay")
    answer_reference(reference.pk, answer="Pays in 30 days.", answered_on=localdate(), actor="Fay")
    assert not is_decided(client.pk)
    grant_credit(row.pk, Grant(Decimal(3000), "stop", "Two good references", LATER), actor="Mia")
    client.refresh_from_db()
    assert (client.credit_limit, client.credit_policy, client.registration_number) == (Decimal(3000), "stop", "0123")
    (kept,) = applications_of(client.pk)
    assert (kept.status, kept.granted_amount, kept.review_on) == ("granted", Decimal(3000), LATER)
    assert AuditEvent.objects.filter(verb="credit_granted", text__contains="Two good references").exists()


def test_refusal_leaves_the_limit():
    client = limited("50")
    row = apply_for_credit(client.pk, {"asked_amount": Decimal(5000)}, actor="Fay")
    refuse_credit(row.pk, note="No accounts filed", actor="Mia")
    client.refresh_from_db()
    assert (client.credit_limit, is_decided(client.pk)) == (Decimal(50), True)


def test_limit_set_by_hand_replaces_the_former_decision():
    client = limited(None)
    for amount in (100, 200):
        set_credit_limit(client.pk, Grant(Decimal(amount), "warn", "Known for years", LATER), actor="Mia")
    rows = applications_of(client.pk)
    assert [(row.status, row.granted_amount) for row in rows] == [("granted", 200), ("replaced", 100)]


def test_no_limit_can_be_granted():
    client = limited("50")
    set_credit_limit(client.pk, Grant(None, "warn", "Public body"), actor="Mia")
    client.refresh_from_db()
    assert client.credit_limit is None


def test_second_application_waits_for_the_first():
    client = limited(None)
    apply_for_credit(client.pk, {}, actor="Fay")
    with pytest.raises(LedgerError, match="open already"):
        apply_for_credit(client.pk, {}, actor="Fay")


def test_decided_application_is_not_decided_again():
    row = apply_for_credit(limited(None).pk, {}, actor="Fay")
    refuse_credit(row.pk, note="No", actor="Mia")
    with pytest.raises(LedgerError, match="refused already"):
        grant_credit(row.pk, Grant(Decimal(1), "warn", "Yes"), actor="Mia")
    with pytest.raises(LedgerError, match="refused already"):
        add_reference(row.pk, name="Late Ltd", actor="Fay")


def test_decision_needs_its_reason_and_a_payable_amount():
    client = limited(None)
    with pytest.raises(LedgerError, match="Say why"):
        set_credit_limit(client.pk, Grant(Decimal(1), "warn", " "), actor="Mia")
    with pytest.raises(InvalidAmount):
        set_credit_limit(client.pk, Grant(Decimal("0.001"), "warn", "Half a penny"), actor="Mia")
    assert applications_of(client.pk) == []
