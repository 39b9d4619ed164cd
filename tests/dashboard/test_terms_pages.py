"""Payment terms on the pages: split terms, trials, and what the forms and the invoice say about due dates."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate

from collections_app.dashboard.invoice_parts import ShownPart
from invoices.models import AuditEvent, Client, Invoice, PaymentTerms
from invoices.rules.instalments import Part, Share
from invoices.services.terms import create_terms
from tests import builders
from tests.dashboard.ledger_world import World, a_world, browser_of

pytestmark = pytest.mark.django_db

TERMS = {"code": "may", "name": "Thirty days", "form": "net", "days": "30", "convention": "modified_following"}
HALVES = {
    "parts": "3",
    "part-0-share": "percent_of_total",
    "part-0-value": "25",
    "part-0-days": "10",
    "part-1-share": "",
    "part-1-value": "7",
    "part-2-share": "remainder",
    "part-2-months": "2",
    "part-2-day_of_month": "15",
    "part-2-days": "30",
}
TRIED = {"tried_on": "2026-05-01", "tried_amount": "1,200", "tried_currency": "GBP", "tried_country": "GB"}


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def staff(world: World) -> Browser:
    return browser_of(world.fay)


def preview(staff: Browser, **given: str) -> str:
    return staff.post(reverse("dashboard:terms_preview"), {**TERMS, **TRIED, **given}).content.decode()


def test_trial_says_the_date_in_words_and_why_it_moved(staff):
    page = preview(staff)
    assert "Please pay 1,200.00 GBP by 29 May 2026." in page
    assert "Sunday 31 May 2026 is no business day, so it is due on Friday 29 May 2026." in page


def test_trial_says_what_not_taking_the_discount_costs(staff):
    page = preview(staff, discount_percent="2", discount_days="10", convention="none", discount_grace_days="3")
    assert "Paid by 11 May 2026, 1,176.00 GBP settles it: 2 % less, which is 24.00 GBP." in page
    assert "Still given 3 days after the printed date." in page
    assert "37.24 % a year" in page


def test_trial_of_parts_prints_each_of_them(staff):
    page = preview(staff, **HALVES)
    assert "300.00 GBP by 11 May 2026 and 900.00 GBP by 14 August 2026" in page


def test_trial_of_an_amount_that_the_parts_miss_says_so(staff):
    parts = {**HALVES, "part-0-share": "fixed", "part-0-value": "5000"}
    assert "A part of 5000.00 does not fit" in preview(staff, **parts)


def test_standalone_trial_writes_nothing_and_keeps_to_get(staff, world):
    events = AuditEvent.objects.count()
    page = staff.get(reverse("dashboard:terms_try"), {"terms": world.terms.pk, **TRIED}).content.decode()
    assert "Please pay 1,200.00 GBP by" in page
    assert AuditEvent.objects.count() == events


def test_standalone_trial_opens_empty(staff):
    assert "Choose terms" in staff.get(reverse("dashboard:terms_try")).content.decode()


def test_new_terms_with_parts_are_saved_without_the_empty_row(staff):
    staff.post(reverse("dashboard:terms_new"), {**TERMS, **HALVES})
    terms = PaymentTerms.objects.get(code="may")
    rows = terms.parts.values_list("position", "share", "value", "months", "days", "day_of_month")
    assert list(rows) == [(1, "percent_of_total", D(25), 0, 10, None), (2, "remainder", D(0), 2, 30, 15)]
    assert terms.convention == "modified_following"


def test_part_is_removed_by_choosing_no_part(staff):
    staff.post(reverse("dashboard:terms_new"), {**TERMS, **HALVES})
    terms = PaymentTerms.objects.get(code="may")
    staff.post(reverse("dashboard:terms_edit", args=[terms.pk]), {**TERMS, **HALVES, "part-0-share": ""})
    assert [part.share for part in terms.parts.all()] == ["remainder"]
    event = AuditEvent.objects.filter(verb="terms_changed").latest("pk")
    assert [part["share"] for part in event.before["parts"]] == ["percent_of_total", "remainder"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"part-2-share": "percent_of_total", "part-2-value": "75"}, "Exactly one part has to be all that is left"),
        ({"part-0-value": "100"}, "Nothing is left after part 1"),
        ({"part-0-value": ""}, "figure above 0"),
        ({"discount_percent": "2", "discount_days": "10"}, "Terms in parts offer no settlement discount"),
    ],
)
def test_split_that_cannot_sum_is_refused_with_a_sentence(staff, given, said):
    answer = staff.post(reverse("dashboard:terms_new"), {**TERMS, **HALVES, **given})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not PaymentTerms.objects.filter(code="may").exists()


@pytest.mark.parametrize("button", ["more", "try"])
def test_without_script_more_parts_and_try_save_nothing(staff, button):
    answer = staff.post(reverse("dashboard:terms_new"), {**TERMS, **HALVES, **TRIED, button: "1"})
    assert answer.status_code == 200
    assert len(answer.context["parts"].forms) == (5 if button == "more" else 3)
    assert "14 August 2026" in answer.content.decode()
    assert not PaymentTerms.objects.filter(code="may").exists()


def test_list_says_parts_and_discount(staff, world):
    create_terms({"code": "x", "name": "In parts"}, parts=(Part(Share.REMAINDER, days=5),), actor="Fay")
    assert "In 1 part" in staff.get(reverse("dashboard:terms")).content.decode()


@pytest.fixture
def parted(world) -> PaymentTerms:
    parts = (Part(Share.PERCENT_OF_TOTAL, D(25), days=10), Part(Share.REMAINDER, days=30))
    return create_terms({"code": "parted", "name": "A quarter at once"}, parts=parts, actor="Fay")


def a_draft(world: World, terms: PaymentTerms) -> dict[str, Any]:
    head = {"client": world.acme.code, "currency": "GBP", "issued_on": "2026-03-01", "terms": str(terms.pk)}
    lines = {"rows": "1", "line-0-description": "Planes", "line-0-quantity": "1", "line-0-unit_price": "200"}
    return {**head, **lines}


def test_draft_being_typed_shows_every_due_date(staff, world, parted):
    page = staff.post(reverse("dashboard:invoice_preview"), a_draft(world, parted)).content.decode()
    assert "11 March 2026" in page
    assert "31 March 2026" in page
    assert "150.00" in page


def test_draft_whose_amount_the_parts_miss_says_so_while_typed(staff, world):
    parts = (Part(Share.FIXED, D(5000), days=10), Part(Share.REMAINDER))
    terms = create_terms({"code": "big", "name": "Big"}, parts=parts, actor="Fay")
    page = staff.post(reverse("dashboard:invoice_preview"), a_draft(world, terms)).content.decode()
    assert "Choose other terms than “Big”" in page


def test_draft_keeps_following_its_terms_when_it_is_edited(staff, world, parted):
    staff.post(reverse("dashboard:invoice_new"), a_draft(world, parted))
    draft = Invoice.objects.get(status="draft", terms=parted)
    page = staff.get(reverse("dashboard:invoice_edit", args=[draft.pk]))
    assert "31 March 2026" in page.content.decode()
    issue = staff.get(reverse("dashboard:invoice_issue", args=[draft.pk])).content.decode()
    assert "in 2 parts" in issue


def test_invoice_shows_its_parts_with_their_state(staff, world, parted):
    staff.post(reverse("dashboard:invoice_new"), a_draft(world, parted) | {"issued_on": localdate().isoformat()})
    draft = Invoice.objects.get(status="draft", terms=parted)
    staff.post(reverse("dashboard:invoice_issue", args=[draft.pk]))
    invoice = Invoice.objects.get(pk=draft.pk)
    builders.a_receipt(invoice.client, "60", pays=invoice)
    states = [part.state for part in parts_of(staff, invoice)]
    assert states == ["Paid", "Part paid"]
    assert [part.left for part in parts_of(staff, invoice)] == [D(0), D(140)]


def parts_of(staff: Browser, invoice: Invoice) -> list[ShownPart]:
    return staff.get(reverse("dashboard:invoice", args=[invoice.pk])).context["parts"]


def test_client_form_shows_what_the_terms_mean(staff, world, parted):
    Client.objects.filter(pk=world.acme.pk).update(terms=parted)
    page = staff.get(reverse("dashboard:client_edit", args=[world.acme.pk])).content.decode()
    assert "would be due" in page
