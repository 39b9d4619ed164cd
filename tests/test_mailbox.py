"""Mail while EMAIL_URL is not set, and who may have an account."""

from __future__ import annotations

import email
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import DatabaseError
from django.test import Client, RequestFactory

from collections_app.accounts import StaffAccountAdapter
from collections_app.mailbox import FolderBackend


def a_mail(**changed: Any) -> EmailMessage:
    return EmailMessage(**{"subject": "Zahlung fällig", "body": "Grüße", "to": ["ap@slowco.example"], **changed})


def test_each_mail_becomes_one_file_that_reads_back(settings: Any) -> None:
    assert FolderBackend().send_messages([a_mail(), a_mail(subject="Second")]) == 2
    files = sorted(Path(settings.MAIL_FOLDER).iterdir())
    read = {email.message_from_bytes(file.read_bytes(), policy=email.policy.default)["Subject"] for file in files}
    assert (len(files), read) == (2, {"Zahlung fällig", "Second"})


def test_mail_to_nobody_is_not_written(settings: Any) -> None:
    assert FolderBackend().send_messages([a_mail(to=[])]) == 0
    assert not Path(settings.MAIL_FOLDER).exists()


def test_folder_that_cannot_be_written_is_an_error_unless_silent(settings: Any) -> None:
    settings.MAIL_FOLDER = "/dev/null/mail"
    with pytest.raises(OSError, match="mail"):
        FolderBackend().send_messages([a_mail()])
    assert FolderBackend(fail_silently=True).send_messages([a_mail()]) == 0


def test_sign_up_is_closed() -> None:
    assert StaffAccountAdapter().is_open_for_signup(RequestFactory().get("/")) is False


@pytest.mark.django_db
def test_healthz_answers_while_the_database_does(client: Client) -> None:
    assert client.get("/healthz").json() == {"database": "ok"}


def test_healthz_is_red_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr("collections_app.health.connection.cursor", refuse)
    assert client.get("/healthz").status_code == 503


def test_healthz_takes_no_post(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
