"""A code by mail before contacts may be touched."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils.timezone import now

from invoices.models import Contact, StepUpCode
from reminders.models import Acknowledgement
from reminders.services.acknowledging import send_acknowledgements

NEXT = "/p/contacts/"


def ask_for_code(ann) -> str:
    """The code as it stands in the newest mail."""
    ann.post("/p/confirm/", {"send": "1", "next": NEXT})
    mail = Acknowledgement.objects.filter(kind="step_up_code").latest("pk")
    return re.search(r"\d{6}", mail.body_text)[0]


def give(ann, code: str):
    return ann.post("/p/confirm/", {"code": code, "next": NEXT})


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_contacts_are_behind_the_code(ann):
    assert ann.get(NEXT).url == "/p/confirm/?next=%2Fp%2Fcontacts%2F"
    assert give(ann, ask_for_code(ann)).url == NEXT
    assert ann.get(NEXT).status_code == 200


def test_looking_at_the_page_sends_no_code(ann):
    ann.get("/p/confirm/")
    assert not StepUpCode.objects.exists()


def test_code_goes_to_the_address_on_file_and_is_kept_as_a_hash(ann):
    code = ask_for_code(ann)
    row, mail = StepUpCode.objects.get(), Acknowledgement.objects.get()
    assert mail.recipient == "ap@acme.example"
    assert code not in row.code_hash
    assert code not in str(mail.facts)
    assert "/p/" not in mail.body_text


def test_sent_mail_forgets_the_code(ann):
    code = ask_for_code(ann)
    assert send_acknowledgements() == 1
    mail = Acknowledgement.objects.get()
    assert code not in mail.subject + mail.body_text + mail.body_html


def test_code_opens_once(ann):
    code = ask_for_code(ann)
    give(ann, code)
    ann.cookies.pop("portal_sure")
    assert give(ann, code).status_code == 400


@pytest.mark.parametrize(("minutes", "status"), [(9, 302), (11, 400)])
def test_code_is_good_for_ten_minutes(ann, minutes, status):
    code = ask_for_code(ann)
    with time_machine.travel(now() + timedelta(minutes=minutes), tick=False):
        assert give(ann, code).status_code == status


def test_five_wrong_tries_end_a_code(ann):
    code = ask_for_code(ann)
    assert [give(ann, other_than(code)).status_code for _ in range(5)] == [400] * 5
    assert give(ann, code).status_code == 400


def test_newest_code_alone_counts(ann):
    old = ask_for_code(ann)
    while (new := ask_for_code(ann)) == old:
        pass
    assert give(ann, old).status_code == 400
    assert give(ann, new).status_code == 302


def test_five_codes_an_hour_are_enough(ann):
    statuses = [ann.post("/p/confirm/", {"send": "1"}).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [400] * 2
    assert StepUpCode.objects.count() == 5


def test_confirmation_ends_with_the_link(ann):
    give(ann, ask_for_code(ann))
    Contact.objects.update(portal_version=2)
    assert ann.get(NEXT).status_code == 403


def test_confirmation_of_one_contact_is_none_for_another(ann, acme):
    give(ann, ask_for_code(ann))
    Contact.objects.update(portal_id="somebody-else")
    assert ann.get(NEXT).status_code == 403


@pytest.mark.parametrize("onward", ["https://evil.example/p/", "//evil.example/p/", "/p/\\evil", "javascript:alert(1)"])
def test_way_on_stays_inside(ann, onward):
    code = ask_for_code(ann)
    answer = ann.post("/p/confirm/", {"code": code, "next": onward})
    assert answer.url.startswith("/p/")
    assert "evil.example" not in answer.url


def test_contact_without_an_address_is_told_to_ring(ann):
    Contact.objects.update(email="")
    assert "Please ring us." in ann.post("/p/confirm/", {"send": "1"}).content.decode()
