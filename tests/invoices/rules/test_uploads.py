"""What a file is, by its bytes; and what is not taken."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from invoices.rules.uploads import MOST_BYTES, MOST_FILES, check, clean_name, kind_of, problems, size_of

PDF = b"%PDF-1.7\n1 0 obj\n"


def picture(kind: str, size: tuple[int, int] = (3, 2)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size).save(out, kind)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """The head of a PNG that claims this size: a few bytes that would unpack to gigabytes."""
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\x00\x00\x00"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (b"GIF89a", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", ""),
        (b"<html>%PDF-1.7", ""),
        (b"PK\x03\x04", ""),
        (b"MZ\x90\x00", ""),
        (b"\x89PNG\r\n\x1a\nnot an image", ""),
        (b"%PDF-nonsense", ""),
    ],
)
def test_kind_is_told_by_the_bytes(content, kind):
    assert kind_of(content) == kind


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_size_of_a_picture_is_read(kind):
    assert size_of(picture(kind, (31, 17))) == (31, 17)


@pytest.mark.parametrize("content", [png_of(100_000, 100_000), png_of(0, 5), b"\xff\xd8\xff\xe0\x00", b"\xff\xd8\xff"])
def test_picture_that_unpacks_to_too_much_or_to_nothing_is_refused(content):
    assert "points large" in check("bomb.png", content).problem


def test_name_proves_nothing():
    assert "is no PDF, PNG or JPEG" in check("invoice.pdf", b"MZ\x90\x00").problem
    assert check("invoice.exe", PDF).content_type == "application/pdf"


def test_empty_and_large_files_are_refused_with_figures():
    assert "is empty" in check("a.pdf", b"").problem
    assert "has 5.0 MB; the most is 5.0 MB" in check("a.pdf", PDF + b"0" * MOST_BYTES).problem


def test_too_many_files_are_refused():
    assert problems([("a.pdf", PDF)] * MOST_FILES) == []
    assert "You chose 6 files" in problems([("a.pdf", PDF)] * (MOST_FILES + 1))[0]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\temp\\Brief.PDF", "Brief.PDF"),
        ("a\r\nContent-Type: text/html.pdf", "a__Content-Type_ text_html.pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        ("Lieferschein Müller.pdf", "Lieferschein Müller.pdf"),
        ("x.html", "x.html.pdf"),
    ],
)
def test_name_keeps_no_folder_and_gets_the_ending_of_its_bytes(name, kept):
    assert clean_name(name.replace("/html", "_html"), "application/pdf") == kept


@given(st.binary(max_size=300), st.text(max_size=40))
def test_any_bytes_under_any_name_get_an_answer(content, name):
    found = check(name, content)
    assert bool(found.problem) != bool(found.content_type)


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\xff\xd8\xff"]), st.binary(max_size=200))
def test_any_bytes_after_a_good_beginning_get_an_answer(beginning, rest):
    assert isinstance(check("x", beginning + rest).problem, str)
