"""Credit notes, write-offs and refunds as staff write, decide and undo them."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser
from django.urls import reverse
from pypdf import PdfReader

from invoices.models import CreditNote, Invoice, Receipt, Refund, WriteOff
from invoices.rules.crediting import ByAmount, Whole
from invoices.services.credit_notes import issue_credit_note
from invoices.services.refunds import NewRefund, refund_receipt
from invoices.services.write_offs import NewWriteOff, ask_write_off
from tests import builders
from tests.dashboard.ledger_world import World, a_world, browser_of

pytestmark = pytest.mark.django_db

READING = ("credit_notes", "credit_note", "credit_note_pdf", "write_offs", "write_off", "refunds", "refund")
WRITING = ("invoice_credit", "write_off_new")
POSTING = (
    "credit_note_allocate",
    "credit_note_refund",
    "write_off_refuse",
    "write_off_reverse",
    "write_off_small",
    "receipt_refund",
    "receipt_recover",
    "refund_refuse",
)
DECIDING = ("write_off_approve", "refund_approve")


@pytest.fixture
def world() -> World:
    builders.an_organisation(currency="GBP", write_off_limit=100)
    return a_world()


@pytest.fixture
def staff(world: World) -> Browser:
    return browser_of(world.fay)


@pytest.fixture
def note(world: World) -> CreditNote:
    """1,200.00 credited on an invoice of which 1,000.00 was open: 200.00 on account."""
    return issue_credit_note(world.overdue.pk, what=Whole(), reason="Returned", actor=world.fay)


@pytest.fixture
def loss(world: World) -> WriteOff:
    """Waits: it is above the limit."""
    return ask_write_off(world.disputed.pk, NewWriteOff(Decimal(600)), actor=world.fay)


@pytest.fixture
def refund(world: World) -> Refund:
    receipt = builders.a_receipt(world.slowco, "500")
    return refund_receipt(receipt.pk, NewRefund(Decimal(500), "Paid twice"), actor=world.fay)


@pytest.fixture
def where(world: World, note: CreditNote, loss: WriteOff, refund: Refund) -> Any:
    subjects = {"credit_note": note, "write_off": loss, "refund": refund, "invoice": world.disputed}

    def address(name: str) -> str:
        if name in ("credit_notes", "write_offs", "refunds"):
            return reverse(f"dashboard:{name}")
        if name in ("write_off_new", "write_off_small"):
            return reverse(f"dashboard:{name}", args=[world.disputed.pk])
        subject = next((row for start, row in subjects.items() if name.startswith(start)), world.receipt)
        return reverse(f"dashboard:{name}", args=[subject.pk])

    return address


def collector() -> Any:
    user = builders._staff("cleo", "Cleo", "Collector")
    user.groups.set([Group.objects.get(name="Collector")])
    return user


@pytest.mark.parametrize("name", [*READING, *WRITING])
def test_manager_opens_page(staff: Browser, where: Any, name: str) -> None:
    answer = staff.get(where(name))
    assert answer.status_code == 200
    assert b"{#" not in answer.content


@pytest.mark.parametrize("name", [*READING, *WRITING, *POSTING, *DECIDING])
def test_stranger_is_sent_to_the_login(where: Any, name: str) -> None:
    assert "login" in Browser().get(where(name))["Location"]


@pytest.mark.parametrize("name", READING)
def test_read_only_staff_reads(where: Any, name: str) -> None:
    assert browser_of(builders.ray()).get(where(name)).status_code == 200


@pytest.mark.parametrize("name", [*WRITING, *POSTING, *DECIDING])
def test_read_only_staff_may_not_post(where: Any, name: str) -> None:
    assert browser_of(builders.ray()).post(where(name)).status_code == 403


@pytest.mark.parametrize("name", DECIDING)
def test_collector_may_not_decide(where: Any, name: str) -> None:
    assert browser_of(collector()).post(where(name)).status_code == 403


@pytest.mark.parametrize("name", ["write_off_refuse", "refund_refuse"])
def test_collector_may_not_refuse_what_others_asked(where: Any, name: str) -> None:
    assert browser_of(collector()).post(where(name)).status_code == 403


@pytest.mark.parametrize("name", [*POSTING, *DECIDING])
def test_nothing_is_done_by_opening_an_address(staff: Browser, where: Any, name: str) -> None:
    assert staff.get(where(name)).status_code == 405


@pytest.mark.parametrize("name", ["credit_note", "write_off", "refund", "invoice_credit", "write_off_new"])
def test_what_is_not_there_is_not_found(staff: Browser, name: str) -> None:
    assert staff.get(reverse(f"dashboard:{name}", args=[10**9])).status_code == 404


# --- crediting


def credit_of(world: World) -> str:
    return reverse("dashboard:invoice_credit", args=[world.overdue.pk])


@pytest.mark.parametrize(
    ("typed", "open_after", "on_account"),
    [
        ({"how": "whole"}, "0", "200"),
        ({"how": "amount", "amount": "120"}, "880", "0"),
        ({"how": "amount", "amount": "1100"}, "0", "100"),
    ],
)
def test_preview_says_the_numbers_and_writes_nothing(
    staff: Browser, world: World, typed: dict[str, str], open_after: str, on_account: str
) -> None:
    preview = staff.post(credit_of(world), {**typed, "preview": "1"}).context["preview"]
    assert (preview.open_after, preview.on_account) == (Decimal(open_after), Decimal(on_account))
    assert not CreditNote.objects.exists()


def test_htmx_never_issues(staff: Browser, world: World) -> None:
    data = {"how": "whole", "reason": "Returned", "issue": "1"}
    answer = staff.post(credit_of(world), data, headers={"HX-Request": "true"})
    assert "dashboard/invoice/_credit.html" in [one.name for one in answer.templates]
    assert not CreditNote.objects.exists()


def test_credit_note_is_issued_and_its_page_shown(staff: Browser, world: World) -> None:
    data = {"how": "amount", "amount": "120", "reason": "Late delivery", "issue": "1"}
    answer = staff.post(credit_of(world), data, follow=True)
    assert "Credit note CN-00001 over 120.00" in answer.content.decode()
    world.overdue.refresh_from_db()
    assert world.overdue.open_amount == Decimal(880)


def test_line_is_credited_in_part(staff: Browser, world: World) -> None:
    line = world.overdue.lines.get()
    staff.post(credit_of(world), {"how": "lines", f"line-{line.pk}": "250", "reason": "Broken", "issue": "1"})
    assert CreditNote.objects.get().total_amount == Decimal(300)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"how": "amount", "amount": "1200.01", "reason": "x"}, "1200.00 GBP left to credit; 1200.01 is too much"),
        ({"how": "amount", "reason": "x"}, "Give the amount that is credited"),
        ({"how": "amount", "amount": "1.234,5", "reason": "x"}, "can be read in two ways"),
        ({"how": "lines", "reason": "x"}, "at least one line"),
        ({"how": "whole"}, "This field is required"),
    ],
)
def test_wrong_credit_is_said_and_nothing_is_written(
    staff: Browser, world: World, typed: dict[str, str], sentence: str
) -> None:
    answer = staff.post(credit_of(world), {**typed, "issue": "1"})
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert not CreditNote.objects.exists()


def test_invoice_credited_in_whole_says_so(staff: Browser, world: World) -> None:
    issue_credit_note(world.disputed.pk, what=Whole(), reason="Returned", actor=world.fay)
    page = staff.get(reverse("dashboard:invoice", args=[world.disputed.pk])).content.decode()
    assert "Credited" in page
    assert "Write a credit note" not in page  # nothing is left to credit


def test_credit_on_account_is_allocated_and_undone(staff: Browser, world: World, note: CreditNote) -> None:
    data = {"basis": "SLOWCO:200.00:GBP", f"share-{world.disputed.pk}": "150"}
    staff.post(reverse("dashboard:credit_note_allocate", args=[note.pk]), data)
    note.refresh_from_db()
    assert note.unapplied_amount == Decimal(50)
    answer = staff.post(reverse("dashboard:allocation_undo", args=[note.allocations.get().pk]))
    note.refresh_from_db()
    assert (answer["Location"], note.unapplied_amount) == (
        reverse("dashboard:credit_note", args=[note.pk]),
        Decimal(200),
    )


def test_credit_note_prints_its_invoice_its_tax_and_what_happened(staff: Browser, note: CreditNote) -> None:
    answer = staff.get(reverse("dashboard:credit_note_pdf", args=[note.pk]))
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    for words in ("Credit note CN-00001", note.invoice.number, "Returned", "1,200.00", "200.00", "on account"):
        assert words in text


@pytest.mark.parametrize(("query", "count"), [("", 1), ("status=unapplied", 1), ("q=CN-0", 1), ("q=INV-00099", 0)])
def test_list_of_credit_notes_is_narrowed(staff: Browser, note: CreditNote, query: str, count: int) -> None:
    assert len(staff.get(f"{reverse('dashboard:credit_notes')}?{query}").context["rows"]) == count


def test_client_page_counts_credit_notes_on_account(staff: Browser, world: World, note: CreditNote) -> None:
    bar = staff.get(reverse("dashboard:client", args=[world.slowco.pk])).context["bars"][0]
    assert bar["balance"].credit == Decimal(250)


# --- writing off


def test_write_off_up_to_the_limit_is_booked(staff: Browser, world: World) -> None:
    data = {"amount": "100", "reason": "goodwill", "note": "Old friend"}
    staff.post(reverse("dashboard:write_off_new", args=[world.overdue.pk]), data)
    world.overdue.refresh_from_db()
    assert (world.overdue.open_amount, WriteOff.objects.get().is_claim_alive) == (Decimal(900), False)


@pytest.mark.parametrize(
    ("amount", "sentence"), [("0", "above 0"), ("1000.01", "Only 1000.00 GBP"), ("1.005", "2 decimals")]
)
def test_wrong_write_off_is_said_beside_its_field(staff: Browser, world: World, amount: str, sentence: str) -> None:
    data = {"amount": amount, "reason": "goodwill"}
    answer = staff.post(reverse("dashboard:write_off_new", args=[world.overdue.pk]), data)
    assert sentence in answer.context["form"].errors["amount"][0]


def test_own_write_off_is_not_approved_by_the_asker(staff: Browser, loss: WriteOff) -> None:
    answer = staff.post(reverse("dashboard:write_off_approve", args=[loss.pk]), follow=True)
    assert "You asked for this write-off yourself" in answer.content.decode()


def test_second_manager_approves(loss: WriteOff, world: World) -> None:
    manager = builders._staff("mia", "Mia", "Manager")
    manager.groups.set([Group.objects.get(name="Manager")])
    browser_of(manager).post(reverse("dashboard:write_off_approve", args=[loss.pk]))
    assert Invoice.objects.get(pk=world.disputed.pk).open_amount == 0


def test_write_offs_that_wait_are_counted_in_the_navigation(staff: Browser, loss: WriteOff) -> None:
    counts = staff.get(reverse("dashboard:home")).context["nav_counts"]
    assert (counts["write_offs"], counts["refunds"]) == (1, 0)


def test_rest_of_a_receipt_within_the_tolerance_is_offered_and_written_off(staff: Browser, world: World) -> None:
    invoice = builders.an_invoice(world.acme, amount="50")
    receipt = builders.a_receipt(world.acme, "49.50", pays=invoice)
    offer = reverse("dashboard:write_off_small", args=[invoice.pk])
    assert offer in staff.get(reverse("dashboard:receipt", args=[receipt.pk])).content.decode()
    staff.post(offer)
    assert Invoice.objects.get(pk=invoice.pk).open_amount == 0


def test_money_after_a_write_off_is_recovered_from_the_receipt_page(staff: Browser, world: World) -> None:
    invoice = builders.an_invoice(world.slowco, amount="80")
    ask_write_off(invoice.pk, NewWriteOff(Decimal(80)), actor=world.fay)
    where = reverse("dashboard:receipt_recover", args=[world.receipt.pk])
    assert where in staff.get(reverse("dashboard:receipt", args=[world.receipt.pk])).content.decode()
    staff.post(where, {"invoice": str(invoice.pk), "amount": "50"})
    assert WriteOff.objects.get().recovered_amount == Decimal(50)


# --- refunds


def test_receipt_is_refunded_from_its_page(staff: Browser, world: World) -> None:
    data = {"amount": "50", "reason": "Paid twice"}
    staff.post(reverse("dashboard:receipt_refund", args=[world.receipt.pk]), data)
    assert Receipt.objects.get(pk=world.receipt.pk).unapplied_amount == 0


@pytest.mark.parametrize(("amount", "reason"), [("50.01", "Twice"), ("0", "Twice"), ("5", "")])
def test_wrong_refund_is_said(staff: Browser, world: World, amount: str, reason: str) -> None:
    data = {"amount": amount, "reason": reason}
    staff.post(reverse("dashboard:receipt_refund", args=[world.receipt.pk]), data, follow=True)
    assert not Refund.objects.exists()


def test_credit_by_amount_leaves_the_rest_of_the_page_as_it_was(staff: Browser, world: World) -> None:
    issue_credit_note(world.overdue.pk, what=ByAmount(Decimal(120)), reason="Late", actor=world.fay)
    page = staff.get(reverse("dashboard:invoice", args=[world.overdue.pk])).content.decode()
    assert "CN-00001 over 120.00 GBP issued on INV-00001: Late" in page
