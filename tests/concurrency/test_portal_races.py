"""Two clicks at once in the portal, and two people answering, on real locks."""

from __future__ import annotations

import re

import pytest

from invoices.errors import LedgerError
from invoices.models import ClientRequest, Contact, Feedback, PortalView, RequestKind, StepUpCode
from invoices.services import portal_views
from invoices.services.feedback import give_feedback
from reminders.errors import NotWaiting
from reminders.models import Acknowledgement
from reminders.services import requests, step_up
from tests.builders import an_organisation, slowco
from tests.concurrency.test_correction_races import meeting_after, twice_at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def contact() -> Contact:
    an_organisation()
    return Contact.objects.select_related("client").get(client=slowco())


@pytest.fixture
def question(contact: Contact) -> ClientRequest:
    return requests.ask(contact, RequestKind.QUESTION, "Which order?")


def answered(row: ClientRequest) -> None:
    requests.answer_request(row.pk, "Order 4711.", actor="Fay")


def test_two_answers_at_once_leave_one(question, monkeypatch):
    with meeting_after(monkeypatch, requests, "user_or_none"):
        raised = twice_at_once(lambda: answered(question))
    assert [type(error) for error in raised] == [NotWaiting]
    assert Acknowledgement.objects.filter(kind="request_answered").count() == 1


def test_control_without_the_lock_both_answer(question, monkeypatch):
    monkeypatch.setattr(requests, "lock_client", lambda pk: question.client)
    with meeting_after(monkeypatch, requests, "user_or_none"):
        raised = twice_at_once(lambda: answered(question))
    assert raised == []


def test_a_code_opens_once_for_two_at_once(contact, monkeypatch):
    step_up.send_code(contact)
    code = re.search(r"\d{6}", Acknowledgement.objects.get().body_text)[0]
    opened = []
    with meeting_after(monkeypatch, step_up, "constant_time_compare"):
        assert twice_at_once(lambda: opened.append(step_up.check_code(contact, code))) == []
    assert sorted(opened) == [False, True]
    assert StepUpCode.objects.get().tries == 2


def test_two_views_at_once_are_one_row(contact, monkeypatch):
    monkeypatch.setattr(portal_views.cache, "add", lambda *_: True)
    assert twice_at_once(lambda: portal_views.note_view(contact, "overview")) == []
    assert PortalView.objects.count() == 1


def test_feedback_given_twice_at_once_is_one(contact):
    raised = twice_at_once(lambda: give_feedback(contact, about="dispute 1", reason="cash"))
    assert [type(error) for error in raised] == [LedgerError]
    assert Feedback.objects.count() == 1
