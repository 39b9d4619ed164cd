from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.inbound.telling_apart import is_stop, plain_text, tell_apart

from . import mails
from .mails import OURS, dsn, parse, plain


@pytest.mark.parametrize(
    ("mail", "kind"),
    [
        (dsn(), "hard_bounce"),
        (dsn(status="5.7.1", diagnostic="smtp; 550 blocked"), "hard_bounce"),
        (dsn(status="5.2.2", diagnostic="smtp; 552 mailbox full"), "soft_bounce"),
        (dsn(status="4.4.1"), "soft_bounce"),
        (dsn(action="delayed", status="4.4.1"), "soft_bounce"),
        (dsn(action="delivered", status="2.0.0"), "read_receipt"),
        (dsn(action="relayed", status="2.0.0"), "read_receipt"),
        (dsn(enclosed="message/rfc822"), "hard_bounce"),
        (dsn(report_type=""), "hard_bounce"),
        (parse(mails.QMAIL), "hard_bounce"),
        (parse(mails.EXIM), "hard_bounce"),
        (mails.complaint(), "complaint"),
        (mails.read_receipt(), "read_receipt"),
        (plain("I am back on Monday.", "Out of office: Invoice"), "out_of_office"),
        (plain("Ich bin bis Montag nicht im Büro.", "Automatische Antwort: Rechnung"), "out_of_office"),
        (plain("Ich bin im Urlaub.", "Abwesenheitsnotiz"), "out_of_office"),
        (plain("Je suis en congé.", "Réponse automatique : facture"), "out_of_office"),
        (plain("Estoy de vacaciones.", "Respuesta automática: factura"), "out_of_office"),
        (plain("Ik ben afwezig.", "Automatisch antwoord: factuur"), "out_of_office"),
        (plain("We have received your message.", "Automatic reply: Invoice"), "auto_reply"),
        (plain("Ticket 881 opened.", Auto_Submitted="auto-replied"), "auto_reply"),
        (plain("Ticket 881 opened.", Auto_Submitted="auto-generated"), "auto_reply"),
        (plain("Ticket 881 opened.", X_Autoreply="yes"), "auto_reply"),
        (plain("Ticket 881 opened.", Precedence="auto_reply"), "auto_reply"),
        (plain("Ticket 881 opened.", Return_Path="<>"), "auto_reply"),
        (plain("We pay on Friday.", Auto_Submitted="no"), "reply"),
        (plain("We pay on Friday."), "reply"),
        (plain("STOP"), "opt_out"),
        (plain("Unsubscribe."), "opt_out"),
        (plain("Bitte abmelden"), "reply"),  # a sentence is for a person
        (plain("Abmelden!"), "opt_out"),
        (plain("Désabonner"), "opt_out"),
        (plain("Baja"), "opt_out"),
        (plain("Uitschrijven"), "opt_out"),
        (plain("", "unsubscribe"), "opt_out"),
        (plain("Please stop the delivery of order 7."), "reply"),
        (plain("The server said: 550 no such user <ann@acme.example>"), "reply"),  # a person quotes a bounce
        (parse(mails.HTML_ONLY), "reply"),
        (parse(mails.BAD_CHARSET), "reply"),
        (parse(mails.BROKEN_MULTIPART), "reply"),
        (parse(mails.NO_FROM), "auto_reply"),  # nobody to blame, nothing known: not a bounce of an address
        (parse(mails.TWO_FROMS), "reply"),
        (parse(mails.INJECTED), "reply"),
        (parse(mails.LYING_REPORT), "read_receipt"),
        (parse(""), "reply"),
    ],
)
def test_kinds_are_told_apart(mail, kind):
    assert tell_apart(mail).kind == kind


@pytest.mark.parametrize("mail", [dsn(), parse(mails.QMAIL), parse(mails.EXIM), mails.complaint()])
def test_the_address_that_failed_is_named(mail):
    assert tell_apart(mail).failed == ("ann@acme.example",)


def test_a_forwarded_address_is_named_as_we_wrote_it():
    mail = dsn(to="rfc822; a.lee@group.example\nOriginal-Recipient: rfc822; ann@acme.example")
    assert tell_apart(mail).failed == ("ann@acme.example",)


@pytest.mark.parametrize(
    "mail", [dsn(), dsn(enclosed="message/rfc822"), mails.complaint(), plain(In_Reply_To=OURS), plain(References=OURS)]
)
def test_what_it_is_about_is_found(mail):
    assert OURS in tell_apart(mail).about


def test_the_nearest_mail_of_a_thread_comes_first():
    mail = plain(References="<one@x> <two@x> <three@x>")
    assert tell_apart(mail).about == ("<three@x>", "<two@x>", "<one@x>")


def test_nothing_but_message_ids_is_taken_from_headers():
    assert tell_apart(parse(mails.INJECTED)).about[-1] == OURS
    assert all(" " not in one for one in tell_apart(parse(mails.INJECTED)).about)


def test_why_it_bounced_is_kept():
    assert "no such user" in tell_apart(dsn()).detail


def test_text_of_html_is_text():
    assert plain_text(parse(mails.HTML_ONLY)) == "We pay on Friday & not before.\n\nAnn"


def test_an_unknown_charset_loses_no_words():
    assert "we pay on Friday" in plain_text(parse(mails.BAD_CHARSET))


@pytest.mark.parametrize("text", ["STOP", "stop.", " Stop ALL ", "Arrêt", "opt-out", "Cancel!"])
def test_stop_words(text):
    assert is_stop(text)


@pytest.mark.parametrize("text", ["", "stop it", "Please cancel the order", "the end of the month"])
def test_no_stop_words(text):
    assert not is_stop(text)


@given(st.binary(max_size=2000))
def test_no_bytes_make_it_fail(raw):
    assert tell_apart(parse(raw)).kind


HEADERS = ("From", "Subject", "Content-Type", "Return-Path", "Auto-Submitted", "References", "Precedence", "To")


@given(st.lists(st.tuples(st.sampled_from(HEADERS), st.text(max_size=60)), max_size=8), st.text(max_size=300))
def test_no_headers_make_it_fail(headers, body):
    raw = "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n" + body
    assert tell_apart(parse(raw.encode("utf-8", "surrogateescape"))).kind


def test_a_deeply_nested_mail_is_read_in_time():
    raw = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(60))
    assert tell_apart(parse(f"From: a@b.example\r\n{raw}Content-Type: text/plain\r\n\r\nHello")).kind == "reply"
