"""What staff do on the pages of clients, as stories."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.models import AuditEvent, Client, Contact, Dispute, EmailState, Note
from reminders.models import DunningBlock, PromiseToPay
from tests import builders
from tests.dashboard.ledger_world import World, a_world, browser_of

pytestmark = pytest.mark.django_db

CLIENT = {
    "code": "NEW1",
    "name": "New Client Ltd",
    "debtor_type": "company",
    "currency": "EUR",
    "language": "en",
    "country": "DE",
    "is_active": "on",
}


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def staff(world: World) -> Browser:
    return browser_of(world.fay)


def test_new_client_comes_with_a_primary_contact(staff: Browser) -> None:
    person = {"contact-name": "Ann", "contact-email": "ann@new.example", "contact-role": "accounts_payable"}
    staff.post(reverse("dashboard:client_new"), {**CLIENT, **person})
    contact = Contact.objects.get(client__code="NEW1")
    assert (contact.email, contact.is_primary) == ("ann@new.example", True)


def test_client_without_a_contact_is_fine(staff: Browser) -> None:
    staff.post(reverse("dashboard:client_new"), {**CLIENT, "contact-role": "accounts_payable"})
    assert Client.objects.get(code="NEW1").contacts.count() == 0


def test_taken_code_is_said_beside_the_field_and_nothing_typed_is_lost(staff: Browser, world: World) -> None:
    answer = staff.post(
        reverse("dashboard:client_new"), {**CLIENT, "code": world.acme.code, "contact-role": "accounts_payable"}
    )
    assert answer.status_code == 422
    assert "New Client Ltd" in answer.content.decode()


def test_change_of_a_client_keeps_before_and_after(staff: Browser, world: World) -> None:
    data = {**CLIENT, "code": world.acme.code, "name": "Acme Holdings"}
    staff.post(reverse("dashboard:client_edit", args=[world.acme.pk]), data)
    event = AuditEvent.objects.get(verb="client_changed", client=world.acme)
    assert (event.before["name"], event.after["name"]) == ("Acme Ltd", "Acme Holdings")


def test_new_address_of_a_contact_counts_as_working(staff: Browser, world: World) -> None:
    contact = world.acme.contacts.get()
    Contact.objects.filter(pk=contact.pk).update(email_state=EmailState.BOUNCED)
    data = {"name": "Ann", "role": "accounts_payable", "email": "new@acme.example", "is_active": "on"}
    staff.post(reverse("dashboard:contact_edit", args=[contact.pk]), data)
    contact.refresh_from_db()
    assert contact.email_state == EmailState.OK


def test_new_primary_contact_takes_the_place_of_the_old(staff: Browser, world: World) -> None:
    data = {"name": "Bo", "role": "buyer", "email": "bo@acme.example", "is_active": "on", "is_primary": "on"}
    staff.post(reverse("dashboard:contact_new", args=[world.acme.pk]), data)
    assert [contact.name for contact in world.acme.contacts.filter(is_primary=True)] == ["Bo"]


def test_contact_needs_an_address_or_a_number(staff: Browser, world: World) -> None:
    answer = staff.post(
        reverse("dashboard:contact_new", args=[world.acme.pk]), {"name": "Bo", "role": "buyer", "is_active": "on"}
    )
    assert "needs an e-mail address or a phone number" in answer.content.decode()


def test_pinned_note_stands_on_top_until_it_is_taken_off(staff: Browser, world: World) -> None:
    staff.post(reverse("dashboard:note_new", args=[world.acme.pk]), {"text": "Ask for Ann.", "is_pinned": "on"})
    note = Note.objects.get()
    staff.post(reverse("dashboard:note_unpin", args=[note.pk]))
    note.refresh_from_db()
    assert (note.text, note.is_pinned) == ("Ask for Ann.", False)


def test_promise_taken_on_the_page_covers_the_ticked_items(staff: Browser, world: World) -> None:
    day = localdate() + timedelta(days=3)
    data = {"items": [world.overdue.pk], "amount": "1,000.00", "promised_on": day.isoformat(), "how": "call"}
    staff.post(reverse("dashboard:promise_new", args=[world.slowco.pk]), data)
    promise = PromiseToPay.objects.get()
    assert [item.invoice_id for item in promise.items.all()] == [world.overdue.pk]


def test_promise_outside_the_limits_comes_back_with_the_sentence(staff: Browser, world: World) -> None:
    past = localdate() - timedelta(days=3)
    data = {"items": [world.overdue.pk], "amount": "1000", "promised_on": past.isoformat(), "how": "call"}
    answer = staff.post(reverse("dashboard:promise_new", args=[world.slowco.pk]), data)
    assert answer.status_code == 422
    assert not PromiseToPay.objects.exists()


def test_item_of_another_client_cannot_be_promised(staff: Browser, world: World) -> None:
    other = builders.an_invoice(world.acme)
    day = (localdate() + timedelta(days=3)).isoformat()
    data = {"items": [other.pk], "amount": "10", "promised_on": day, "how": "call"}
    assert staff.post(reverse("dashboard:promise_new", args=[world.slowco.pk]), data).status_code == 422


def test_block_is_shown_and_lifted(staff: Browser, world: World) -> None:
    staff.post(reverse("dashboard:block_new", args=[world.slowco.pk]), {"reason": "manual", "last_on": ""})
    block = DunningBlock.objects.get()
    assert "Not dunned" in staff.get(reverse("dashboard:client", args=[world.slowco.pk])).content.decode()
    staff.post(reverse("dashboard:block_lift", args=[block.pk]))
    block.refresh_from_db()
    assert block.lifted_at


def test_dispute_over_more_than_is_open_is_refused_with_the_figures(staff: Browser, world: World) -> None:
    data = {"invoice": world.overdue.pk, "amount": "5000", "reason": "price", "opened_by": "Ann"}
    answer = staff.post(reverse("dashboard:dispute_new", args=[world.slowco.pk]), data)
    assert "1000.00 GBP open" in answer.content.decode()


def test_closed_dispute_keeps_its_outcome(staff: Browser, world: World) -> None:
    data = {"status": "rejected", "outcome": "The rate was agreed on 3 May."}
    staff.post(reverse("dashboard:dispute_close", args=[world.dispute.pk]), data)
    assert Dispute.objects.get().outcome == "The rate was agreed on 3 May."


def test_list_shows_overdue_without_adding_other_currencies(staff: Browser, world: World) -> None:
    builders.an_invoice(world.slowco, amount="9000", currency="EUR", days_late=3)
    page = staff.get(reverse("dashboard:clients"), {"overdue": "yes"}).content.decode()
    assert "1,600.00" in page  # 1,000.00 and 600.00 GBP
    assert "other currencies" in page


@pytest.mark.parametrize("text", ["slow", "SLOWCO", "ap@slowco"])
def test_client_is_found_by_name_code_or_address(staff: Browser, text: str) -> None:
    page = staff.get(reverse("dashboard:clients"), {"q": text}).content.decode()
    assert "Slowco plc" in page
    assert "Acme Ltd" not in page


@pytest.mark.parametrize("sort", ["-name", "code", "review_on", "-review_on", "overdue_amount"])
def test_clients_sort_by_what_has_an_index_and_ignore_the_rest(staff: Browser, sort: str) -> None:
    assert staff.get(reverse("dashboard:clients"), {"sort": sort}).status_code == 200


def test_timeline_goes_back_page_by_page(staff: Browser, world: World) -> None:
    for n in range(35):
        builders.a_receipt(world.acme, f"{n + 1}.00")
    first = staff.get(reverse("dashboard:client_timeline", args=[world.acme.pk]))
    more = staff.get(first.context["more_url"])
    titles = [event["title"] for event in first.context["events"] + more.context["events"]]
    assert len(titles) == len(set(titles)) == 35


def test_block_is_announced_with_a_way_back(staff: Browser, world: World) -> None:
    where = reverse("dashboard:block_new", args=[world.acme.pk])
    page = staff.post(where, {"reason": "manual", "last_on": ""}, follow=True).content.decode()
    undo = reverse("dashboard:block_lift", args=[DunningBlock.objects.get().pk])
    assert f'hx-post="{undo}"' in page
