"""Invoices from the form to the void, as staff go through it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from invoices.models import Invoice, InvoiceStatus
from tests.dashboard.ledger_world import World, a_world, an_invoice, browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def staff(world: World) -> Browser:
    return browser_of(world.fay)


def typed(*lines: tuple[str, str, str], **head: Any) -> dict[str, Any]:
    """The form as typed: lines of (description, quantity, price), 20 % tax."""
    data = {"client": "ACME", "currency": "GBP", "issued_on": "2026-01-15", "rows": str(len(lines) + 1), **head}
    for n, (description, quantity, price) in enumerate(lines):
        data |= {f"line-{n}-description": description, f"line-{n}-quantity": quantity, f"line-{n}-unit_price": price}
        data[f"line-{n}-tax_rate"] = "20"
    return data


def test_draft_is_written_with_its_totals(staff: Browser) -> None:
    staff.post(reverse("dashboard:invoice_new"), typed(("Planes", "3", "1,000.00"), ("Delivery", "1", "45.50")))
    draft = Invoice.objects.get(client__code="ACME")
    assert (draft.status, str(draft.net_amount), str(draft.total_amount)) == ("draft", "3045.500", "3654.600")


def test_client_may_be_given_by_full_name(staff: Browser) -> None:
    staff.post(reverse("dashboard:invoice_new"), typed(("Planes", "1", "10"), client="acme ltd"))
    assert Invoice.objects.filter(client__code="ACME").exists()


def test_unknown_client_is_said_beside_the_field(staff: Browser) -> None:
    answer = staff.post(reverse("dashboard:invoice_new"), typed(("Planes", "1", "10"), client="NOBODY"))
    assert answer.context["form"].errors["client"] == [
        "There is no client “NOBODY”. Choose one from the list, or type its code."
    ]


def test_nothing_typed_is_lost_when_a_line_is_wrong(staff: Browser) -> None:
    answer = staff.post(reverse("dashboard:invoice_new"), typed(("Planes", "1", "1.000,50"), ("Delivery", "1", "45")))
    page = answer.content.decode()
    assert "can be read in two ways" in page
    assert "1.000,50" in page
    assert 'value="Delivery"' in page


def test_draft_without_lines_is_refused(staff: Browser) -> None:
    assert "at least one line" in staff.post(reverse("dashboard:invoice_new"), typed()).content.decode()


def test_more_lines_keep_what_is_typed_and_write_nothing(staff: Browser) -> None:
    answer = staff.post(reverse("dashboard:invoice_new"), {**typed(("Planes", "1", "10")), "more": "1"})
    assert len(answer.context["lines"].forms) == 5
    assert 'value="Planes"' in answer.content.decode()
    assert not Invoice.objects.filter(client__code="ACME").exists()


def test_preview_shows_totals_and_due_date_and_writes_nothing(staff: Browser) -> None:
    before = Invoice.objects.count()
    answer = staff.post(reverse("dashboard:invoice_preview"), typed(("Planes", "2", "100")))
    page = answer.content.decode()
    assert "<strong>Sat 14 February 2026</strong>" in page  # 30 days after 15 January
    assert "240.00" in page
    assert Invoice.objects.count() == before


def test_preview_leaves_out_what_is_not_whole_yet(staff: Browser) -> None:
    answer = staff.post(reverse("dashboard:invoice_preview"), typed(("Planes", "2", "100"), ("Half", "1", "abc")))
    assert str(answer.context["totals"].total) == "240.00"


def test_due_date_before_the_invoice_date_is_refused(staff: Browser) -> None:
    answer = staff.post(reverse("dashboard:invoice_new"), typed(("Planes", "1", "10"), due_on="2026-01-14"))
    assert "is before the invoice date" in answer.content.decode()


def test_draft_is_changed(staff: Browser, world: World) -> None:
    data = typed(("Other work", "1", "10"), client="SLOWCO")
    staff.post(reverse("dashboard:invoice_edit", args=[world.draft.pk]), data)
    assert [line.description for line in world.draft.lines.all()] == ["Other work"]


def test_issued_invoice_has_no_edit_page(staff: Browser, world: World) -> None:
    answer = staff.get(reverse("dashboard:invoice_edit", args=[world.overdue.pk]))
    assert answer.status_code == 302


def test_issue_page_says_the_number_and_takes_none(staff: Browser, world: World) -> None:
    where = reverse("dashboard:invoice_issue", args=[world.draft.pk])
    assert "INV-00003" in staff.get(where).content.decode()
    assert Invoice.objects.get(pk=world.draft.pk).number is None


def test_issue_gives_the_number_that_was_said(staff: Browser, world: World) -> None:
    staff.post(reverse("dashboard:invoice_issue", args=[world.draft.pk]))
    assert Invoice.objects.get(pk=world.draft.pk).number == "INV-00003"


def test_second_click_on_issue_changes_nothing(staff: Browser, world: World) -> None:
    where = reverse("dashboard:invoice_issue", args=[world.draft.pk])
    staff.post(where)
    staff.post(where)
    assert Invoice.objects.filter(status=InvoiceStatus.ISSUED).count() == 3


def test_void_keeps_the_reason(staff: Browser, world: World) -> None:
    staff.post(reverse("dashboard:invoice_void", args=[world.disputed.pk]), {"reason": "Wrong client"})
    page = staff.get(reverse("dashboard:invoice", args=[world.disputed.pk])).content.decode()
    assert "voided: Wrong client" in page


def test_partly_paid_invoice_is_not_voided_and_the_sentence_is_shown(staff: Browser, world: World) -> None:
    answer = staff.post(
        reverse("dashboard:invoice_void", args=[world.overdue.pk]), {"reason": "Wrong client"}, follow=True
    )
    assert "is partly paid: undo the allocations first" in answer.content.decode()


def test_void_without_a_reason_opens_the_dialog_again(staff: Browser, world: World) -> None:
    answer = staff.post(reverse("dashboard:invoice_void", args=[world.disputed.pk]), {"reason": ""})
    assert answer.status_code == 422
    assert "data-open-now" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("status=open", {"INV-00001", "INV-00002"}),
        ("status=overdue&bucket=1-30", {"INV-00001"}),
        ("bucket=31-60", {"INV-00002"}),
        ("status=paid", set()),
        ("status=draft", {"Draft"}),
        ("q=2", {"INV-00002"}),
        ("q=inv-00001", {"INV-00001"}),
        ("q=slowco&currency=GBP&status=overdue", {"INV-00001", "INV-00002"}),
        ("currency=EUR", set()),
        ("client=ACME", set()),
    ],
)
def test_list_is_narrowed(staff: Browser, query: str, numbers: set[str]) -> None:
    page = staff.get(f"{reverse('dashboard:invoices')}?{query}")
    found = Invoice.objects.filter(pk__in=[row.pk for row in page.context["rows"]])
    assert {str(invoice).split()[0] for invoice in found} == numbers


def test_bucket_of_the_client_page_opens_the_items_it_is_made_of(staff: Browser, world: World) -> None:
    page = staff.get(reverse("dashboard:client", args=[world.slowco.pk]))
    url = page.context["bars"][0]["chart"].legend[0].url
    assert len(staff.get(url).context["rows"]) == 1


def test_invoice_is_shown_as_pdf(staff: Browser, world: World) -> None:
    answer = staff.get(reverse("dashboard:invoice_pdf", args=[world.overdue.pk]))
    assert answer.content.startswith(b"%PDF")


def test_list_pages_by_key(staff: Browser, world: World) -> None:
    for _ in range(60):
        an_invoice(world.acme, "10", days_late=2, actor=world.fay)
    first = staff.get(reverse("dashboard:invoices"))
    second = staff.get(first.context["next_url"])
    keys = [row.pk for row in first.context["rows"]] + [row.pk for row in second.context["rows"]]
    assert len(set(keys)) == len(keys) == 63


def test_terms_decide_the_due_date(staff: Browser) -> None:
    staff.post(reverse("dashboard:invoice_new"), typed(("Planes", "1", "10")))
    assert Invoice.objects.get(client__code="ACME").due_on == date(2026, 2, 14)
