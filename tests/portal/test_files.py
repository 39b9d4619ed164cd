"""Files that a client sends with a problem: taken by their bytes, kept under other names, given out as downloads."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from invoices.models import Dispute, DisputeFile
from invoices.rules.uploads import MOST_BYTES
from invoices.services.dispute_files import attach_files
from reminders.links import portal_token
from tests.invoices.payment_stories import a_client, an_invoice
from tests.portal.test_pages import text_of

PDF = b"%PDF-1.7\nnote of delivery"


def problem(ann, invoice, *files, **fields):
    given = {"reason": "quality", "amount": "40.00", "comment": "Two were broken.", **fields}
    sent = [SimpleUploadedFile(name, content, content_type="text/html") for name, content in files]
    return ann.post(f"/p/invoices/{invoice.pk}/problem/", {**given, "files": sent})


def test_file_is_kept_under_a_name_that_nobody_can_guess(ann, invoice, settings):
    assert problem(ann, invoice, ("../../note.html", PDF)).status_code == 302
    file = DisputeFile.objects.get()
    assert (file.name, file.content_type, file.size) == ("note.html.pdf", "application/pdf", len(PDF))
    assert "note" not in file.file.name
    assert Path(settings.MEDIA_ROOT) in Path(file.file.path).parents


def test_file_is_a_download_and_nothing_else(ann, invoice):
    problem(ann, invoice, ("note.pdf", PDF))
    answer = ann.get(f"/p/files/{DisputeFile.objects.get().pk}/")
    assert b"".join(answer.streaming_content) == PDF
    answer.close()
    assert answer["Content-Disposition"] == 'attachment; filename="note.pdf"'
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/pdf")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.pdf", b"<html><script>alert(1)</script>"),
        ("virus.pdf", b"MZ\x90\x00"),
        ("empty.pdf", b""),
        ("big.pdf", PDF + b"0" * MOST_BYTES),
        ("bomb.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x86\xa0\x00\x01\x86\xa0\x08\x02\x00\x00\x00"),
    ],
)
def test_file_that_is_not_taken_is_told_and_nothing_is_written(ann, invoice, name, content):
    assert problem(ann, invoice, ("good.pdf", PDF), (name, content)).status_code == 400
    assert (Dispute.objects.count(), DisputeFile.objects.count()) == (0, 0)


def test_six_files_are_too_many(ann, invoice):
    answer = problem(ann, invoice, *[(f"{n}.pdf", PDF) for n in range(6)])
    assert "You chose 6 files; the most is 5." in answer.content.decode()


def test_enormous_body_is_refused_before_it_is_read(ann, invoice):
    answer = ann.generic("POST", f"/p/invoices/{invoice.pk}/problem/", b"", CONTENT_LENGTH=str(10**10))
    assert answer.status_code == 413
    assert "These files are too large" in answer.content.decode()


def test_problem_needs_the_csrf_token_although_its_size_is_asked_first(acme, invoice):
    ann = Browser(enforce_csrf_checks=True)
    ann.get(f"/p/{portal_token(acme.contacts.get())}/")
    assert problem(ann, invoice, ("note.pdf", PDF)).status_code == 403
    assert not Dispute.objects.exists()


def test_numbers_of_cards_are_masked(ann, invoice):
    problem(ann, invoice, ("4111 1111 1111 1111.pdf", PDF), comment="Paid with 4111 1111 1111 1111 already.")
    assert "4111 1111" not in Dispute.objects.get().comment + DisputeFile.objects.get().name


def test_file_of_another_client_does_not_exist(ann, acme):
    other = an_invoice(a_client("SLOWCO", "Slowco"))
    dispute = Dispute.objects.create(invoice=other, amount=1, reason="price", opened_on="2026-01-01", opened_by="Bob")
    (file,) = attach_files(dispute.pk, [("secret.pdf", PDF)], sent_by="Bob", actor="Bob")
    assert ann.get(f"/p/files/{file.pk}/").status_code == 404
    assert "secret.pdf" not in ann.get("/p/messages/").content.decode()


def test_progress_and_outcome_are_shown(ann, invoice):
    problem(ann, invoice, ("note.pdf", PDF))
    assert "We are looking into it" in text_of(ann.get("/p/messages/"))
    Dispute.objects.update(status="accepted", outcome="You get a credit note.", closed_on="2026-06-01")
    for path in ("/p/messages/", f"/p/invoices/{invoice.pk}/"):
        text = text_of(ann.get(path))
        assert "You were right" in text
        assert "You get a credit note." in text
