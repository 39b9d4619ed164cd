"""The door of the portal: who gets in, and what stands there for others."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from collections_app.portal.session import COOKIE
from invoices.models import Contact
from reminders.links import portal_token, portal_url
from reminders.models import Acknowledgement
from tests.invoices.payment_stories import a_client

SENT = "If we have this address on file"


@pytest.fixture
def token(acme) -> str:
    return portal_token(acme.contacts.get())


def opens(token: str) -> bool:
    return Browser().get(f"/p/{token}/").status_code == 302


def test_link_leads_to_a_clean_address_with_a_cookie_of_its_own(token):
    ann = Browser()
    answer = ann.get(f"/p/{token}/")
    cookie = answer.cookies[COOKIE]
    assert (answer.url, cookie["httponly"], cookie["samesite"], cookie["path"]) == ("/p/", True, "Lax", "/p/")
    assert ann.get("/p/").status_code == 200


def test_cookie_is_secure_where_the_site_is_https(token, settings):
    settings.IS_HTTPS = True
    assert Browser().get(f"/p/{token}/").cookies[COOKIE]["secure"]


def test_link_in_mails_is_built_from_the_site_address(acme, settings):
    settings.SITE_URL = "https://pay.example"
    assert portal_url(acme.contacts.get()).startswith("https://pay.example/p/")


def test_link_changed_by_one_bit_never_opens(token):
    bent = [token[:i] + chr(ord(token[i]) ^ (1 << bit)) + token[i + 1 :] for i in range(len(token)) for bit in range(7)]
    usable = [one for one in bent if one.isprintable() and not set(one) & set("/?#%")]
    assert len(usable) > 200
    assert [one for one in usable if opens(one)] == []


def test_revoked_link_and_its_session_end(ann, token):
    Contact.objects.update(portal_version=2)
    assert not opens(token)
    assert ann.get("/p/").status_code == 403


def test_link_of_a_contact_who_left_does_not_open(token):
    Contact.objects.update(is_active=False)
    assert not opens(token)


@pytest.mark.parametrize(("days", "expected"), [(89, True), (91, False)])
def test_link_lives_ninety_days(acme, days, expected):
    with time_machine.travel(timezone.now() - timedelta(days=days), tick=False):
        old = portal_token(acme.contacts.get())
    assert opens(old) is expected


def test_link_survives_a_new_secret_key(token, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-that-is-long-enough-0123456789-abcdef"
    assert opens(token)


@pytest.mark.parametrize(("minutes", "status"), [(55, 200), (61, 403)])
def test_session_ends_after_an_hour_without_a_click(acme, token, minutes, status):
    ann = Browser()
    with time_machine.travel(timezone.now() - timedelta(minutes=minutes), tick=False):
        ann.get(f"/p/{token}/")
    ann.cookies[COOKIE]["expires"] = ""  # a browser drops it by itself; the server does not rely on that
    assert ann.get("/p/").status_code == status


def test_each_click_starts_the_hour_afresh(ann):
    assert ann.get("/p/").cookies[COOKIE]["max-age"] == 3600


def test_leaving_ends_the_session(ann):
    ann.post("/p/leave/")
    assert ann.get("/p/").status_code == 403


@pytest.mark.parametrize("path", ["/p/", "/p/paid/", "/p/nonsense/"])
def test_pages_are_kept_by_nobody(ann, path):
    answer = ann.get(path)
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "same-origin")
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_page_tells_browsers_the_same_referrer_policy_as_the_header(ann):
    assert b'name="referrer" content="no-referrer"' not in ann.get("/p/").content


def test_new_link_goes_to_the_address_on_file(acme):
    answer = Browser().post("/p/new-link/", {"email": "AP@acme.example"})
    row = Acknowledgement.objects.get()
    assert SENT in answer.content.decode()
    assert (row.kind, row.recipient, row.status) == ("new_link", "ap@acme.example", "approved")
    assert opens(row.body_text.split("/p/")[1].split("/")[0])


def test_unknown_address_gets_the_same_answer_and_no_mail(acme):
    known = Browser().post("/p/new-link/", {"email": "ap@acme.example"})
    unknown = Browser().post("/p/new-link/", {"email": "nobody@example.com"})
    assert known.content == unknown.content
    assert Acknowledgement.objects.count() == 1


def test_expired_link_asks_for_a_new_one_without_an_address(acme):
    with time_machine.travel(timezone.now() - timedelta(days=100), tick=False):
        old = portal_token(acme.contacts.get())
    assert old in Browser().get(f"/p/{old}/").content.decode()
    Browser().post("/p/new-link/", {"token": old})
    assert Acknowledgement.objects.get().recipient == "ap@acme.example"


def test_link_itself_is_not_kept_in_the_facts(acme, token):
    Browser().post("/p/new-link/", {"token": token})
    assert "portal_url" not in Acknowledgement.objects.get().facts


def test_five_new_links_an_hour_are_enough(acme, monkeypatch):
    monkeypatch.setattr("collections_app.portal.limits.count", lambda *_: True)
    for _ in range(8):
        Browser().post("/p/new-link/", {"email": "ap@acme.example"})
    assert Acknowledgement.objects.count() == 5


def test_one_address_may_ask_five_times_an_hour(db):
    clients = [a_client(f"C{n}", f"Client {n}") for n in range(8)]
    for client in clients:
        Browser().post("/p/new-link/", {"email": client.contacts.get().email})
    assert Acknowledgement.objects.count() == 5


def test_twenty_misses_an_hour_are_answered_and_good_links_always(token):
    statuses = [Browser().get("/p/wrong/").status_code for _ in range(22)]
    assert statuses == [403] * 20 + [429] * 2
    assert opens(token)


@pytest.mark.parametrize("email", ["", "no address", "a@b@c", "x" * 300 + "@example.com", "\x00@example.com"])
def test_rubbish_for_an_address_gets_the_same_answer(acme, email):
    assert SENT in Browser().post("/p/new-link/", {"email": email}).content.decode()
    assert not Acknowledgement.objects.exists()


def test_answers_need_the_csrf_token(acme, token):
    ann = Browser(enforce_csrf_checks=True)
    ann.get(f"/p/{token}/")
    assert ann.post("/p/pay/", {"currency": "EUR", "choice": "overdue"}).status_code == 403
