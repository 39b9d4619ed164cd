"""Imports from the dashboard: a look first, then the books."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from collections_app import uploads
from invoices.models import AuditEvent, Client
from tests.dashboard.ledger_world import World, a_world, browser_of

pytestmark = pytest.mark.django_db

GOOD = b"code,name,email\nC9,Nine Ltd,ap@nine.example\nC10,Ten Ltd,ap@ten.example\n"
BAD_ROW = b"code,name,currency\nC9,Nine Ltd,GBP\nC10,Ten Ltd,POUNDS\n"


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def staff(world: World) -> Browser:
    return browser_of(world.fay)


def look(staff: Browser, content: bytes, **more: Any) -> Any:
    file = SimpleUploadedFile("clients.csv", content)
    return staff.post(reverse("dashboard:imports"), {"kind": "clients", "file": file, **more})


def take(staff: Browser, answer: Any) -> Any:
    return staff.post(reverse("dashboard:import_commit"), {"token": answer.context["token"]})


def test_look_writes_nothing(staff: Browser) -> None:
    answer = look(staff, GOOD)
    assert answer.context["takes"] == 2
    assert not Client.objects.filter(code="C9").exists()


def test_taken_over_file_is_in_the_books_under_the_name_of_who_did_it(staff: Browser, world: World) -> None:
    take(staff, look(staff, GOOD))
    assert Client.objects.filter(code__in=["C9", "C10"]).count() == 2
    assert AuditEvent.objects.filter(client__code="C9").first().actor == world.fay


def test_rejected_row_is_named_and_the_good_one_is_taken(staff: Browser) -> None:
    answer = look(staff, BAD_ROW)
    assert [(error.row, error.value) for error in answer.context["rejected"]] == [(3, "POUNDS")]
    take(staff, answer)
    assert list(Client.objects.filter(code__startswith="C").values_list("code", flat=True)) == ["C9"]


def test_second_click_is_harmless(staff: Browser) -> None:
    answer = look(staff, GOOD)
    take(staff, answer)
    assert take(staff, answer).status_code == 302
    assert Client.objects.filter(code="C9").count() == 1


def test_unusable_file_is_said_beside_the_field(staff: Browser) -> None:
    answer = look(staff, b"\x00\x01\x02 nothing here")
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_forged_token_is_not_found(staff: Browser) -> None:
    assert staff.post(reverse("dashboard:import_commit"), {"token": "x"}).status_code == 404


def test_mapping_without_an_equals_sign_is_refused(staff: Browser) -> None:
    assert "theirs=ours" in look(staff, GOOD, mapping="Kdnr code").context["form"].errors["mapping"][0]


def test_mapped_column_is_read(staff: Browser) -> None:
    answer = look(staff, b"Kennung;name\nC9;Nine Ltd\n", mapping="Kennung=code")
    assert answer.context["takes"] == 1


def test_upload_is_kept_under_a_random_name_and_forgotten_afterwards(staff: Browser) -> None:
    answer = look(staff, GOOD)
    names = [path.name for path in uploads.folder().iterdir()]
    assert len(names) == 1
    assert "clients" not in names[0]
    take(staff, answer)
    assert list(uploads.folder().iterdir()) == []


def test_name_of_another_place_is_no_upload(settings: Any) -> None:
    uploads.folder().mkdir(parents=True)
    (Path(settings.MEDIA_ROOT) / "secret").write_text("x")
    assert uploads.kept("../secret") is None
