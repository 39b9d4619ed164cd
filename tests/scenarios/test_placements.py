"""From the final notice to the agency and back: evidence, hand-over, silence, commission, recall."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils.timezone import localdate, now
from pypdf import PdfReader

from invoices.models import Client, Contact, Invoice
from invoices.queries.plan_terms import NewPlan
from invoices.rules.plan_terms import Wanted
from invoices.services.disputes import close_dispute, open_dispute
from invoices.services.receipts import undo_allocation
from reminders import tasks
from reminders.errors import DunningError, NotWaiting, OutsideLimits
from reminders.models import DeliveryEvent, DunningBlock, Notice, Partner, Placement, Task
from reminders.queries.placements import claims_of, collected_on, placement_in_force, sums_of
from reminders.rules.placing import missing
from reminders.services.approvals import mark_posted
from reminders.services.blocks import decide_to_wait
from reminders.services.handover import handover_csv, handover_pdf, report_csv
from reminders.services.placements import NewPlacement, close_placement, place, recall, save_partner
from reminders.services.plans import agree_plan
from reminders.services.promises import make_promise
from tests.builders import a_procedure, a_receipt, an_invoice, an_organisation, fay, follow, slowco

LEVELS = (
    {"days_past_due": 1, "name": "Reminder"},
    {"days_past_due": 10, "channel": "letter", "kind": "final", "template": "final", "deadline_days": 10,
     "name": "Final notice"},
    {"days_past_due": 25, "channel": "decide", "kind": "decision", "template": "decide", "name": "Decide"},
)  # fmt: skip
DUE = date(2026, 3, 2)  # a Monday
POSTED = "2026-03-12"  # the deadline is the 22nd


@pytest.fixture
def client(calendar: Any, mail_sink: Any) -> Client:
    calendar.at(DUE)
    return follow(slowco(address="1 Late Lane\nLondon", registration_number="0123"), a_procedure(LEVELS))


@pytest.fixture
def invoice(client: Client) -> Invoice:
    return an_invoice(client, due_on=DUE, amount="1000.00")


@pytest.fixture
def agency() -> Partner:
    fields = {"name": "Hunter & Co", "kind": "agency", "email": "desk@hunter.example", "phone": "+44 20 7946 0999"}
    given = {**fields, "commission_percent": Decimal("12.50"), "note": "", "is_active": True}
    return save_partner(None, given, actor=fay())


@pytest.fixture
def final(calendar: Any, mail_sink: Any, invoice: Invoice) -> Notice:
    """The final notice, in the post on 12 March."""
    calendar.days("2026-03-03", POSTED)
    notice = Notice.objects.get(channel="letter")
    mark_posted([notice.pk], actor=fay())
    notice.refresh_from_db()
    return notice


@pytest.fixture
def decision(calendar: Any, final: Notice) -> Task:
    calendar.tick("2026-03-28")
    return Task.objects.get(kind="decide")


def placed(client: Client, agency: Partner, *invoices: Invoice, **given: Any) -> Placement:
    return place(client.pk, NewPlacement(agency.pk, [one.pk for one in invoices], **given), actor=fay())


# --- evidence


def test_claim_without_a_final_notice_is_not_handed_over(calendar, client, invoice, agency):
    calendar.days("2026-03-03")
    with pytest.raises(OutsideLimits, match="no final notice has been sent"):
        placed(client, agency, invoice)
    assert not Placement.objects.exists()


def test_letter_that_is_only_printed_is_no_evidence(calendar, mail_sink, client, invoice, agency):
    calendar.days("2026-03-03", POSTED)
    calendar.at("2026-04-30")
    with pytest.raises(OutsideLimits, match="no final notice has been sent"):
        placed(client, agency, invoice)


def test_deadline_is_over_after_its_last_day(calendar, client, invoice, agency, final):
    calendar.at(final.deadline_on)
    with pytest.raises(OutsideLimits, match="Wait until it is over"):
        placed(client, agency, invoice)
    calendar.at("2026-03-28")
    assert placed(client, agency, invoice).deadline_on == final.deadline_on


def test_notice_that_came_back_is_no_evidence(calendar, client, invoice, agency, final):
    DeliveryEvent.objects.create(provider="post", event_id="1", kind="bounced", at=now(), notice=final)
    calendar.at("2026-03-28")
    with pytest.raises(OutsideLimits, match="came back"):
        placed(client, agency, invoice)


def test_every_missing_piece_is_said_at_once(calendar, client, invoice, final):
    other = an_invoice(client, days_late=5, amount="70.00")
    open_dispute(invoice.pk, amount=Decimal(30), reason="price", opened_by="Ann", actor="client Ann")
    sentences = missing(claims_of([invoice, other]), localdate())
    assert len(sentences) == 3
    assert any("open dispute over 30.00 GBP" in one for one in sentences)
    assert any(other.number in one and "no final notice" in one for one in sentences)


def test_promise_plan_and_dispute_each_stop_a_placement(calendar, client, invoice, agency, decision):
    make_promise(
        client, items=[invoice], amount=Decimal(100), currency="GBP", promised_on=date(2026, 4, 1), actor=fay()
    )
    with pytest.raises(OutsideLimits, match="a promise until"):
        placed(client, agency, invoice)
    an_organisation(currency="GBP")
    agree_plan(client.pk, NewPlan((invoice.pk,), Wanted(date(2026, 4, 10), parts=2)), actor=fay())
    with pytest.raises(OutsideLimits, match="payment plan"):
        placed(client, agency, invoice)


def test_paid_invoice_is_not_placed(calendar, client, invoice, agency, decision):
    a_receipt(client, "1000.00", pays=invoice)
    with pytest.raises(OutsideLimits, match="paid or placed meanwhile"):
        placed(client, agency, invoice)


def test_invoice_is_placed_once(client, invoice, agency, decision):
    placed(client, agency, invoice)
    with pytest.raises(OutsideLimits, match="paid or placed meanwhile"):
        placed(client, agency, invoice)


# --- what it does


def test_placement_takes_the_decision_and_nothing_leaves(calendar, mail_sink, client, invoice, agency, decision):
    sent = len(mail_sink.mails)
    later = an_invoice(client, due_on=date(2026, 3, 30), amount="50.00")
    placement = placed(client, agency, invoice)
    decision.refresh_from_db()
    assert (decision.status, decision.outcome) == ("done", "Placed with Hunter & Co.")
    assert (placement.commission_percent, placement.final_notice.level.kind) == (Decimal("12.50"), "final")
    calendar.days("2026-03-31", "2026-04-09", "2026-05-30")
    assert len(mail_sink.mails) == sent
    assert not Notice.objects.filter(lines__invoice=later, status="sent").exists()


def test_amounts_are_frozen_as_handed_over(client, invoice, agency, decision):
    placement = placed(client, agency, invoice, reference="H-77", note="Ring the director")
    a_receipt(client, "400.00", pays=invoice)
    rows = list(csv.DictReader(io.StringIO(handover_csv(placement))))
    assert [(row["invoice"], row["handed over"], row["reference"]) for row in rows] == [
        (invoice.number, "1000.00", "H-77")
    ]
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(handover_pdf(placement))).pages)
    for words in ("Claim against Slowco plc", "Ring the director", "Final notice", "1,000.00", "1 Late Lane", "0123"):
        assert words in text


def test_pack_holds_statement_invoice_and_notices_as_sent(client, invoice, agency, decision, final):
    kept = final.attachments.get()
    with kept.file.open("rb") as file:
        letter = PdfReader(file).pages[0].extract_text()
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(handover_pdf(placed(client, agency, invoice)))).pages]
    assert letter in pages
    assert any("Statement of account" in page for page in pages)
    assert any(page.count(invoice.number) and "Hand planes" in page for page in pages)


def test_receipts_since_are_reported_with_commission(calendar, client, invoice, agency, decision):
    before = a_receipt(client, "100.00", pays=invoice)
    calendar.at("2026-03-28", 10)
    placement = placed(client, agency, invoice)
    calendar.at("2026-04-02")
    a_receipt(client, "333.33", pays=invoice)
    came = collected_on(placement)
    assert [(one.amount, one.commission) for one in came] == [(Decimal("333.33"), Decimal("41.67"))]
    (sums,) = sums_of(placement, came)
    assert (sums.placed, sums.collected, sums.open_amount) == (Decimal(900), Decimal("333.33"), Decimal("566.67"))
    assert "41.67" in report_csv(placement)
    undo_allocation(before.allocations.get().pk, actor=fay())
    assert len(collected_on(placement)) == 1  # what is undone now came before the partner


def test_receipt_taken_back_takes_its_commission_back(calendar, client, invoice, agency, decision):
    placement = placed(client, agency, invoice)
    receipt = a_receipt(client, "333.33", pays=invoice)
    undo_allocation(receipt.allocations.get().pk, actor=fay())
    assert sum(one.commission for one in collected_on(placement)) == 0


def test_recalled_claim_comes_back_with_its_memory(calendar, mail_sink, client, invoice, agency, decision):
    sent = len(mail_sink.mails)
    placement = placed(client, agency, invoice)
    calendar.at("2026-04-20")
    recall(placement.pk, reason="The client pays us directly", actor=fay())
    assert not DunningBlock.objects.filter(lifted_at=None).exists()
    assert "Recalled from Hunter & Co" in Task.objects.get(kind="decide", status="open").text
    calendar.days("2026-04-20", "2026-04-27", "2026-05-30")
    assert len(mail_sink.mails) == sent  # nothing is said a second time
    assert placed(client, agency, invoice).status == "placed"


def test_money_after_the_recall_earns_no_commission(calendar, client, invoice, agency, decision):
    placement = placed(client, agency, invoice)
    calendar.at("2026-04-20")
    recall(placement.pk, reason="Too slow", actor=fay())
    placement.refresh_from_db()
    calendar.at("2026-04-21")
    a_receipt(client, "500.00", pays=invoice)
    assert collected_on(placement) == []


def test_placement_ends_once_and_with_a_reason(client, invoice, agency, decision):
    placement = placed(client, agency, invoice)
    with pytest.raises(DunningError, match="Say why"):
        recall(placement.pk, reason=" ", actor=fay())
    close_placement(placement.pk, reason="Given up", actor=fay())
    with pytest.raises(NotWaiting, match="closed already"):
        recall(placement.pk, reason="Late", actor=fay())


def test_paid_placement_closes_by_itself(calendar, client, invoice, agency, decision):
    placement = placed(client, agency, invoice)
    tasks.close_placements()
    assert placement_in_force(client.pk) == placement
    a_receipt(client, "1000.00", pays=invoice)
    tasks.close_placements()
    placement.refresh_from_db()
    assert (placement.status, DunningBlock.objects.filter(lifted_at=None).count()) == ("closed", 0)


def test_partner_keeps_one_name_and_a_true_commission(agency):
    given = {"name": "hunter & co", "kind": "agency", "email": "", "phone": "", "note": "", "is_active": True}
    with pytest.raises(OutsideLimits, match="already"):
        save_partner(None, {**given, "commission_percent": Decimal(5)}, actor=fay())
    with pytest.raises(OutsideLimits, match="between 0 and 100"):
        save_partner(None, {**given, "name": "Other", "commission_percent": Decimal(101)}, actor=fay())


# --- other decisions


def test_decision_to_wait_is_silent_and_asks_again(calendar, mail_sink, client, invoice, decision):
    sent = len(mail_sink.mails)
    decide_to_wait(decision.pk, until=date(2026, 4, 30), reason="New owner", actor=fay())
    decision.refresh_from_db()
    assert decision.outcome == "Wait until Thu 30 April 2026: New owner"
    assert Task.objects.get(kind="decide", status="open").due_on == date(2026, 4, 30)
    calendar.days("2026-04-10", "2026-04-30")
    assert len(mail_sink.mails) == sent


def test_plan_that_is_agreed_closes_the_decision(client, invoice, decision):
    an_organisation(currency="GBP")
    agree_plan(client.pk, NewPlan((invoice.pk,), Wanted(date(2026, 4, 10), parts=2)), actor=fay())
    decision.refresh_from_db()
    assert decision.status == "done"
    assert "is agreed" in decision.outcome


def test_dispute_that_ended_leaves_the_way_open(client, invoice, agency, decision):
    dispute = open_dispute(invoice.pk, amount=Decimal(30), reason="price", opened_by="Ann", actor="client Ann")
    close_dispute(dispute.pk, status="rejected", outcome="As ordered", actor=fay())
    assert placed(client, agency, invoice).items.get().amount == Decimal(1000)


def test_contact_of_the_client_stands_in_the_file(client, invoice, agency, decision):
    Contact.objects.filter(client=client).update(name="=cmd()")
    rows = list(csv.DictReader(io.StringIO(handover_csv(placed(client, agency, invoice)))))
    assert rows[0]["contact"].startswith("'")  # no formula for a spreadsheet to run
