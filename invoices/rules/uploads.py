"""What a file that somebody sends really is, and whether we take it. By its bytes; its name and label prove nothing."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import NamedTuple

MOST_BYTES = 5 * 2**20
MOST_FILES = 5
MOST_PIXELS = 50_000_000  # a picture that unpacks to more is a bomb, or no photograph of a delivery note
PNG = b"\x89PNG\r\n\x1a\n"
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
# Frames that carry a JPEG's size: all starts of frame but the tables between them.
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


class Checked(NamedTuple):
    """`problem` is a sentence, empty where the file is taken; `content_type` is what its bytes say."""

    content_type: str
    problem: str = ""


def check(name: str, content: bytes) -> Checked:
    """One file of at most five megabytes: PDF, PNG or JPEG."""
    shown = clean_name(name, "")
    if not content:
        return Checked("", f"“{shown}” is empty. Choose it again.")
    if len(content) > MOST_BYTES:
        return Checked("", f"“{shown}” has {_mb(len(content))}; the most is {_mb(MOST_BYTES)}. Send a smaller one.")
    content_type = kind_of(content)
    if not content_type:
        return Checked("", f"“{shown}” is no PDF, PNG or JPEG. Save it as one of these, or make a photograph.")
    if content_type != "application/pdf":
        width, height = size_of(content)
        if not 0 < width * height <= MOST_PIXELS:
            most = MOST_PIXELS // 1_000_000
            return Checked("", f"“{shown}” is {width} by {height} points large; the most is {most} million in all.")
    return Checked(content_type)


def problems(files: Sequence[tuple[str, bytes]]) -> list[str]:
    """Why these files, name and content, are not taken together; empty: they are."""
    if len(files) > MOST_FILES:
        return [f"You chose {len(files)} files; the most is {MOST_FILES}. Put the pages into one PDF."]
    return [found.problem for name, content in files if (found := check(name, content)).problem]


def kind_of(content: bytes) -> str:
    """The content type, or empty for anything that we do not take."""
    if content.startswith(PNG) and content[12:16] == b"IHDR":
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    # Some scanners write a line before the header, which the standard allows within a kilobyte; we take the start only,
    # so that no file is a PDF and something else as well.
    return "application/pdf" if re.match(rb"%PDF-[12]\.\d", content) else ""


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG or JPEG in points; 0, 0 where they cannot be read."""
    if content.startswith(PNG):
        return struct.unpack(">II", content[16:24]) if len(content) >= 24 else (0, 0)
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return 0, 0


def clean_name(name: str, content_type: str) -> str:
    """A name to show and to save under: no folders, no control characters, and the ending that the bytes have."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c if c.isalnum() or c in " -_.,()" else "_" for c in last).strip(" .")[:100] or "file"
    ending = ENDINGS.get(content_type, "")
    if not ending or kept.lower().endswith((f".{ending}", ".jpeg" if ending == "jpg" else f".{ending}")):
        return kept
    return f"{kept}.{ending}"


def _mb(size: int) -> str:
    return f"{size / 2**20:.1f} MB"
