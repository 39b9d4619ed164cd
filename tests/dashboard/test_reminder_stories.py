"""What staff do on the pages of dunning, from the form to the books."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.models import AuditEvent, Dispute, Organisation
from reminders.models import (
    CallOutcome,
    CallTask,
    DunningAccount,
    DunningBlock,
    DunningProcedure,
    Notice,
    OutgoingStatus,
    PromiseToPay,
    Task,
    TaskKind,
)
from reminders.services.dispatch import send_notices
from tests import builders
from tests.dashboard.dunning_world import World, a_world, as_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    cache.clear()
    return a_world()


@pytest.fixture
def staff(world: World) -> Browser:
    return as_user(world.manager)


def post(staff: Browser, name: str, pk: int | None = None, /, **data: Any) -> Any:
    return staff.post(reverse(f"dashboard:{name}", args=[pk] if pk else []), data, follow=True)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


# --- approvals and notices --------------------------------------------------------------------------------------------


def test_approved_letter_waits_for_the_sender(world: World, staff: Browser) -> None:
    post(staff, "notice_approve", world.proposed.pk)
    world.proposed.refresh_from_db()
    assert world.proposed.status == OutgoingStatus.APPROVED
    assert world.proposed.approved_by == world.manager


def test_second_approval_says_that_somebody_was_quicker(world: World, staff: Browser) -> None:
    post(staff, "notice_approve", world.proposed.pk)
    assert "not waiting for approval" in said(post(staff, "notice_approve", world.proposed.pk))


def test_ticked_notices_are_approved(world: World, staff: Browser) -> None:
    post(staff, "approvals", action="approve", row=[world.proposed.pk])
    world.proposed.refresh_from_db()
    assert world.proposed.status == OutgoingStatus.APPROVED


def test_cancelled_notice_keeps_the_reason(world: World, staff: Browser) -> None:
    post(staff, "notice_cancel", world.proposed.pk, reason="They promised to pay today.")
    world.proposed.refresh_from_db()
    assert (world.proposed.status, world.proposed.error) == ("cancelled", "They promised to pay today.")


def test_cancelling_without_a_reason_is_refused_beside_the_field(world: World, staff: Browser) -> None:
    answer = post(staff, "notice_cancel", world.proposed.pk, reason=" ")
    assert answer.status_code == 422
    assert answer.context["cancel_form"].errors["reason"]


def test_preview_shows_the_words_as_they_would_leave(world: World, staff: Browser) -> None:
    answer = staff.get(reverse("dashboard:notice", args=[world.proposed.pk]))
    assert "1,000.00" in answer.context["text"]
    assert "Slowco plc" in answer.context["recipient"]


def test_previewed_letter_opens_as_pdf(world: World, staff: Browser) -> None:
    answer = staff.get(reverse("dashboard:notice_file_now", args=[world.proposed.pk, 0]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_preview_of_a_paid_client_says_that_it_would_not_leave(world: World, staff: Browser) -> None:
    builders.a_receipt(world.slowco, "1000.00", pays=world.late)
    answer = staff.get(reverse("dashboard:notice", args=[world.proposed.pk]))
    assert answer.context["preview"].problem == "Paid in the meantime."


@pytest.mark.parametrize(("answer", "status"), [("yes", "sent"), ("no", "cancelled")])
def test_person_settles_a_notice_in_doubt(world: World, staff: Browser, answer: str, status: str) -> None:
    post(staff, "notice_settle", world.unknown.pk, was_sent=answer)
    world.unknown.refresh_from_db()
    assert world.unknown.status == status


# --- letters ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def letter(world: World, staff: Browser) -> Notice:
    """The demand, approved and made."""
    post(staff, "notice_approve", world.proposed.pk)
    send_notices(localdate())
    return Notice.objects.get(pk=world.proposed.pk)


def test_batch_is_one_pdf_with_a_cover(letter: Notice, staff: Browser) -> None:
    answer = staff.get(reverse("dashboard:letters_batch"))
    assert answer.content.startswith(b"%PDF")
    assert letter.status == OutgoingStatus.PRINTING


def test_checking_the_batch_takes_out_who_has_paid(world: World, letter: Notice, staff: Browser) -> None:
    builders.a_receipt(world.slowco, "1000.00", pays=world.late)
    assert "1 letter was taken out" in said(post(staff, "letters_prepare"))
    assert Notice.objects.get(pk=letter.pk).status == OutgoingStatus.CANCELLED


def test_ticked_letters_are_posted(letter: Notice, staff: Browser) -> None:
    post(staff, "letters", action="posted", row=[letter.pk])
    letter.refresh_from_db()
    assert (letter.status, letter.sent_on) == (OutgoingStatus.SENT, localdate())


def test_kept_letter_is_downloaded_byte_for_byte(letter: Notice, staff: Browser) -> None:
    kept = letter.attachments.get()
    answer = staff.get(reverse("dashboard:notice_attachment", args=[letter.pk, kept.pk]))
    with kept.file.open("rb") as file:
        assert b"".join(answer.streaming_content) == file.read()


# --- calls ------------------------------------------------------------------------------------------------------------


def call(staff: Browser, world: World, **data: Any) -> Any:
    return post(staff, "call", world.call.pk, **{"attempts_seen": 0, **data})


def test_no_answer_moves_the_call_to_another_day(world: World, staff: Browser) -> None:
    call(staff, world, outcome="no_answer")
    world.call.refresh_from_db()
    assert world.call.attempts == 1
    assert world.call.due_on > localdate()


def test_promise_on_a_call_covers_the_ticked_items(world: World, staff: Browser) -> None:
    in_a_week = localdate() + timedelta(days=7)
    given = {"amount": "1000", "currency": "GBP", "promised_on": in_a_week, "items": [world.late.pk]}
    call(staff, world, outcome="promised", spoke_with="Ann Lee", **given)
    promise = PromiseToPay.objects.get(client=world.slowco)
    assert (promise.amount, promise.made_by) == (Decimal(1000), "Ann Lee")
    assert [item.invoice for item in promise.items.all()] == [world.late]


def test_promise_without_an_amount_asks_for_it_and_keeps_what_was_typed(world: World, staff: Browser) -> None:
    answer = call(staff, world, outcome="promised", amount="", currency="GBP", note="Pays soon")
    assert answer.context["form"].errors["amount"] == ["Enter the amount that was promised."]
    assert b'value="Pays soon"' in answer.content


def test_promise_over_more_than_is_open_is_refused_with_both_figures(world: World, staff: Browser) -> None:
    given = {"amount": "5000", "currency": "GBP", "promised_on": localdate() + timedelta(days=3)}
    answer = call(staff, world, outcome="promised", **given)
    assert "1000" in str(answer.context["form"].non_field_errors())
    assert not CallOutcome.objects.exists()


def test_dispute_on_a_call_is_opened(world: World, staff: Browser) -> None:
    call(staff, world, outcome="dispute", disputed=world.late.pk, disputed_amount="400", dispute_reason="price")
    assert Dispute.objects.get(invoice=world.late).amount == Decimal(400)


def test_says_paid_blocks_and_asks_to_find_the_money(world: World, staff: Browser) -> None:
    call(staff, world, outcome="says_paid", note="Sent on Monday")
    assert DunningBlock.objects.filter(client=world.slowco, reason="paid_search").exists()
    assert Task.objects.filter(client=world.slowco, kind=TaskKind.FIND_PAYMENT).exists()


def test_wrong_number_marks_the_number_that_was_rung(world: World, staff: Browser) -> None:
    second = builders.a_contact(world.slowco, "second@slowco.example", phone="+44 20 7946 0099")
    call(staff, world, outcome="wrong_number", rung=second.pk)
    second.refresh_from_db()
    assert second.is_phone_dead
    assert not world.slowco.contacts.get(is_primary=True).is_phone_dead


def test_call_back_keeps_the_agreed_hour(world: World, staff: Browser) -> None:
    tomorrow = localdate() + timedelta(days=1)
    call(staff, world, outcome="call_back", call_back_on=tomorrow, call_back_time="14:30")
    world.call.refresh_from_db()
    assert world.call.due_on == tomorrow
    assert world.call.call_back_at is not None


def test_second_press_of_the_key_records_no_second_call(world: World, staff: Browser) -> None:
    call(staff, world, outcome="no_answer")
    call(staff, world, outcome="no_answer")
    assert CallOutcome.objects.count() == 1


def test_saving_a_call_goes_on_to_the_next(world: World, staff: Browser) -> None:
    other = CallTask.objects.create(client=world.acme, due_on=localdate())
    answer = staff.post(
        reverse("dashboard:call", args=[world.call.pk]), {"outcome": "refused", "attempts_seen": 0}, follow=True
    )
    assert answer.redirect_chain[-1][0].startswith(reverse("dashboard:call", args=[other.pk]))


def test_calls_given_to_others_are_left_to_them(world: World, staff: Browser) -> None:
    CallTask.objects.filter(pk=world.call.pk).update(assigned_to=builders.ray())
    assert "No calls are due." in said(staff.get(reverse("dashboard:call_next"), follow=True))


def test_ticked_calls_are_taken(world: World, staff: Browser) -> None:
    post(staff, "calls", action="take", row=[world.call.pk])
    world.call.refresh_from_db()
    assert world.call.assigned_to == world.manager


# --- tasks, promises, blocks ------------------------------------------------------------------------------------------


def test_task_is_closed_with_what_came_of_it(world: World, staff: Browser) -> None:
    post(staff, "task_close", world.task.pk, outcome="They pay on Friday.")
    world.task.refresh_from_db()
    assert (world.task.status, world.task.outcome) == ("done", "They pay on Friday.")


def test_ticked_promises_are_withdrawn(world: World, staff: Browser) -> None:
    post(staff, "promises", action="withdraw", row=[world.promise.pk])
    world.promise.refresh_from_db()
    assert world.promise.status == "withdrawn"


def test_ticked_blocks_are_lifted(world: World, staff: Browser) -> None:
    post(staff, "blocks", action="lift", row=[world.block.pk])
    world.block.refresh_from_db()
    assert world.block.lifted_at is not None


# --- procedures -------------------------------------------------------------------------------------------------------

LEVEL = {
    "name": "Final notice",
    "days_past_due": "30",
    "channel": "letter",
    "template": "final",
    "kind": "final",
    "approval": "each",
    "minimum_amount": "0",
    "deadline_days": "14",
    "too_late_days": "3",
}


def test_new_level_raises_the_version(world: World, staff: Browser) -> None:
    post(staff, "level_new", world.procedure.pk, **LEVEL)
    procedure = DunningProcedure.objects.get(pk=world.procedure.pk)
    assert procedure.levels.get(position=3).name == "Final notice"
    assert procedure.version == world.procedure.version + 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"days_past_due": "5"}, "each has to come after the one before"),
        ({"deadline_days": ""}, "say how many days it gives"),
        ({"template": "friendly"}, "There are no such words for a letter"),
        ({"position": "2"}, "Position 2 is taken"),
    ],
)
def test_level_that_contradicts_is_refused(world: World, staff: Browser, change: dict[str, str], words: str) -> None:
    answer = post(staff, "level_new", world.procedure.pk, **{**LEVEL, **change})
    assert words in str(answer.context["form"].errors)
    assert world.procedure.levels.count() == 2


def test_changed_level_wakes_its_clients(world: World, staff: Browser) -> None:
    type(world.slowco).objects.filter(pk=world.slowco.pk).update(review_on=localdate() + timedelta(days=30))
    level = world.level
    data = {**LEVEL, "name": "First reminder", "days_past_due": "2", "channel": "email", "template": "reminder"}
    post(staff, "level_edit", level.pk, **{**data, "kind": "reminder", "approval": "automatic"})
    world.slowco.refresh_from_db()
    assert world.slowco.review_on == localdate()
    assert AuditEvent.objects.filter(verb="level_changed").exists()


def test_used_level_cannot_be_removed(world: World, staff: Browser) -> None:
    assert "has been used" in said(post(staff, "level_remove", world.level.pk))


def test_procedure_becomes_the_default(world: World, staff: Browser) -> None:
    post(staff, "procedure_default", world.procedure.pk)
    assert DunningProcedure.objects.get(is_default=True) == world.procedure


def test_default_procedure_cannot_be_deactivated(world: World, staff: Browser) -> None:
    default = DunningProcedure.objects.get(is_default=True)
    assert "is the default" in said(post(staff, "procedure_deactivate", default.pk))


def test_copied_procedure_is_a_draft_with_the_same_levels(world: World, staff: Browser) -> None:
    post(staff, "procedure_new", name="Softer", like=world.procedure.pk)
    made = DunningProcedure.objects.get(name="Softer")
    assert (made.status, made.levels.count()) == ("draft", 2)


def test_client_is_pinned_and_released(world: World, staff: Browser) -> None:
    default = DunningProcedure.objects.get(is_default=True)
    post(staff, "client_pin", world.slowco.pk, procedure=default.pk)
    assert DunningAccount.objects.get(client=world.slowco).procedure == default
    post(staff, "client_pin", world.slowco.pk, procedure="")
    assert not DunningAccount.objects.filter(client=world.slowco).exists()


def test_preview_of_a_procedure_counts_and_writes_nothing(world: World, staff: Browser) -> None:
    client = builders.follow(builders.a_client("NEWCO"), world.procedure)
    builders.an_invoice(client, days_late=5)
    before = Notice.objects.count()
    answer = staff.get(reverse("dashboard:procedure_preview", args=[world.procedure.pk]))
    assert ("First reminder", 1) in answer.context["preview"].by_level
    assert Notice.objects.count() == before


# --- runs and the kill switch -----------------------------------------------------------------------------------------


def test_run_now_proposes_what_is_due(world: World, staff: Browser) -> None:
    client = builders.follow(builders.a_client("NEWCO"), world.procedure)
    builders.an_invoice(client, days_late=5)
    post(staff, "run_start")
    assert Notice.objects.filter(client=client, status=OutgoingStatus.APPROVED).exists()


def test_kill_switch_is_seen_on_every_page_and_keeps_its_reason(world: World, staff: Browser) -> None:
    post(staff, "sending_stop", reason="Wrong bank details in the letters")
    assert Organisation.objects.get(pk=1).is_sending_stopped
    assert b"Sending is stopped." in staff.get(reverse("dashboard:clients")).content
    assert "Wrong bank details" in AuditEvent.objects.get(verb="sending_stopped").text


def test_sending_goes_on_again(world: World, staff: Browser) -> None:
    post(staff, "sending_stop", reason="A test")
    post(staff, "sending_start")
    assert not Organisation.objects.get(pk=1).is_sending_stopped


def test_home_leads_from_each_figure_to_its_list(world: World, staff: Browser) -> None:
    content = staff.get("/").content.decode()
    assert "status=overdue&amp;currency=GBP" in content
    assert "Slowco plc" in content
