"""The draft form in full, copies of invoices, discarded drafts and previews as PDF."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from invoices.models import CreditNote, Invoice, InvoiceStatus
from tests import builders
from tests.dashboard.ledger_world import World, a_world, browser_of
from tests.dashboard.test_invoice_pages import typed

pytestmark = pytest.mark.django_db

POSTING = ("invoice_duplicate", "invoice_discard", "invoice_restore")


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def staff(world: World) -> Browser:
    return browser_of(world.fay)


def draft_of(staff: Browser, data: dict[str, Any]) -> Invoice:
    answer = staff.post(reverse("dashboard:invoice_new"), data)
    assert answer.status_code == 302, answer.content.decode()
    return Invoice.objects.order_by("pk").last()


def adjusted(**row: str) -> dict[str, str]:
    return {"adjustments": "1", **{f"adjust-0-{name}": value for name, value in row.items()}}


LOYAL = adjusted(kind="allowance", description="Loyalty", percent="10")
FREIGHT = adjusted(kind="surcharge", description="Freight", amount="30")


def test_tax_is_on_the_sum_of_a_rate_not_on_each_line(staff: Browser) -> None:
    draft = draft_of(staff, typed(*[("Nails", "1", "0.33")] * 3))
    assert (draft.net_amount, draft.tax_amount) == (Decimal("0.99"), Decimal("0.20"))


def test_head_and_lines_keep_everything_typed(staff: Browser) -> None:
    more = {"buyer_reference": "Ann Lee", "project": "Attic", "delivered_on": "2026-01-10"}
    draft = draft_of(staff, {**typed(("Planes", "3", "10")), **more, "line-0-unit": "hours"})
    assert (draft.buyer_reference, draft.project, str(draft.delivered_on)) == ("Ann Lee", "Attic", "2026-01-10")
    assert draft.lines.get().unit == "hours"


def test_rate_on_an_untaxed_category_is_refused_beside_the_field(staff: Browser) -> None:
    data = {**typed(("Planes", "3", "10")), "line-0-tax_category": "AE"}
    answer = staff.post(reverse("dashboard:invoice_new"), data)
    assert answer.status_code == 422
    assert "“Reverse charge” carries no tax: its rate is 0, not 20 %." in answer.content.decode()
    assert 'value="Planes"' in answer.content.decode()


@pytest.mark.parametrize(("extra", "net", "tax"), [(LOYAL, "135", "22.50"), (FREIGHT, "180", "30.00")])
def test_adjustment_is_spread_over_the_rates(staff: Browser, extra: dict[str, str], net: str, tax: str) -> None:
    data = {**typed(("Planes", "1", "100"), ("Books", "1", "50")), "line-1-tax_rate": "10", **extra}
    draft = draft_of(staff, data)
    assert (draft.net_amount, draft.tax_amount) == (Decimal(net), Decimal(tax))
    assert draft.lines.exclude(kind="line").count() == 2


def test_edited_draft_shows_an_adjustment_as_it_was_typed(staff: Browser) -> None:
    data = {**typed(("Planes", "1", "100"), ("Books", "1", "50")), "line-1-tax_rate": "10", **LOYAL}
    draft = draft_of(staff, data)
    answer = staff.get(reverse("dashboard:invoice_edit", args=[draft.pk]))
    rows = [form.initial for form in answer.context["adjustments"].forms if form.initial]
    assert [(row["kind"], row["description"], row["percent"]) for row in rows] == [("allowance", "Loyalty", 10)]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (adjusted(percent="10"), "Say what it is for"),
        (adjusted(description="Both", percent="10", amount="5"), "either a percentage or an amount"),
        (adjusted(description="Neither"), "either a percentage or an amount"),
        (adjusted(description="Odd", amount="0.005"), "is not an amount in GBP"),
    ],
)
def test_wrong_adjustment_keeps_what_was_typed(staff: Browser, row: dict[str, str], sentence: str) -> None:
    answer = staff.post(reverse("dashboard:invoice_new"), {**typed(("Planes", "1", "100")), **row})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="Planes"' in answer.content.decode()


def test_live_totals_count_adjustments(staff: Browser) -> None:
    data = {**typed(("Planes", "1", "100")), **LOYAL}
    answer = staff.post(reverse("dashboard:invoice_preview"), data)
    assert answer.context["totals"] == (Decimal(90), Decimal(18), Decimal(108))
    assert "Loyalty 10 %" in answer.content.decode()


def test_one_more_adjustment_row_writes_nothing(staff: Browser) -> None:
    before = Invoice.objects.count()
    data = {**typed(("Planes", "1", "100")), **LOYAL, "more_adjustments": "1"}
    answer = staff.post(reverse("dashboard:invoice_new"), data)
    assert len(answer.context["adjustments"].forms) == 2
    assert Invoice.objects.count() == before


def test_unsaved_draft_is_shown_as_pdf_and_not_kept(staff: Browser) -> None:
    before = Invoice.objects.count()
    answer = staff.post(reverse("dashboard:invoice_preview_pdf"), typed(("Planes", "1", "100")))
    assert answer["Content-Type"] == "application/pdf"
    assert Invoice.objects.count() == before


def test_preview_of_a_wrong_form_says_what_is_wrong(staff: Browser) -> None:
    answer = staff.post(reverse("dashboard:invoice_preview_pdf"), typed(("Planes", "1", "abc")))
    assert answer.status_code == 422


def test_copy_is_made_by_one_post_and_can_be_undone(staff: Browser, world: World) -> None:
    answer = staff.post(reverse("dashboard:invoice_duplicate", args=[world.overdue.pk]), follow=True)
    copy = Invoice.objects.order_by("pk").last()
    assert (copy.status, copy.client_id) == (InvoiceStatus.DRAFT, world.overdue.client_id)
    assert reverse("dashboard:invoice_discard", args=[copy.pk]) in answer.content.decode()


def test_discarded_draft_is_brought_back(staff: Browser, world: World) -> None:
    page = staff.post(reverse("dashboard:invoice_discard", args=[world.draft.pk]), follow=True).content.decode()
    assert "Discarded" in page
    assert "Bring back" in page
    staff.post(reverse("dashboard:invoice_restore", args=[world.draft.pk]))
    assert Invoice.objects.get(pk=world.draft.pk).status == InvoiceStatus.DRAFT


def test_issued_invoice_is_not_discarded(staff: Browser, world: World) -> None:
    answer = staff.post(reverse("dashboard:invoice_discard", args=[world.overdue.pk]), follow=True)
    assert "cannot be discarded" in answer.content.decode()
    assert Invoice.objects.get(pk=world.overdue.pk).status == InvoiceStatus.ISSUED


@pytest.mark.parametrize("name", POSTING)
def test_get_changes_nothing(staff: Browser, world: World, name: str) -> None:
    assert staff.get(reverse(f"dashboard:{name}", args=[world.draft.pk])).status_code == 405


@pytest.mark.parametrize("name", POSTING)
def test_reader_may_not(world: World, name: str) -> None:
    assert browser_of(builders.ray()).post(reverse(f"dashboard:{name}", args=[world.draft.pk])).status_code == 403


def test_pieces_are_credited_and_previewed(staff: Browser, world: World) -> None:
    draft = draft_of(staff, typed(("Planes", "3", "100")))
    staff.post(reverse("dashboard:invoice_issue", args=[draft.pk]))
    line = draft.lines.get()
    data = {"how": "pieces", f"pieces-{line.pk}": "2", "reason": "Two came back"}
    pdf = staff.post(reverse("dashboard:invoice_credit_pdf", args=[draft.pk]), data)
    assert (pdf["Content-Type"], CreditNote.objects.count()) == ("application/pdf", 0)
    staff.post(reverse("dashboard:invoice_credit", args=[draft.pk]), {**data, "issue": "1"})
    note = CreditNote.objects.get()
    assert (note.total_amount, note.lines.get().quantity) == (Decimal(240), 2)


def test_more_pieces_than_are_left_are_refused_with_figures(staff: Browser) -> None:
    draft = draft_of(staff, typed(("Planes", "3", "100")))
    staff.post(reverse("dashboard:invoice_issue", args=[draft.pk]))
    data = {"how": "pieces", f"pieces-{draft.lines.get().pk}": "4", "reason": "Too many"}
    answer = staff.post(reverse("dashboard:invoice_credit_pdf", args=[draft.pk]), data)
    assert answer.status_code == 422
    assert "“Planes” has 3 left to credit; 4 is too many." in answer.content.decode()
