"""CSV: encoding and delimiter are found out, quoted line breaks are kept together, a quote never closed is noticed."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path

from ..rules.importing.records import Cell, FileUnusable

LONGEST_FIELD = 32 * 2**20  # characters; a longer one is a quote never closed
DELIMITERS = ",;\t|"
# Comes after the last line. If it is not a row of its own, then the file ended inside quotes.
_END = "\x00end of file\x00"
_ESCAPED = re.compile("[\udc80-\udcff]")
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

# The module's limit is one for the process; ours is the only reader of CSV, and the default refuses cells over 131,072.
csv.field_size_limit(LONGEST_FIELD)


class CsvTable:
    def __init__(self, path: Path, start: bytes, max_rows: int) -> None:
        self._path = path
        self._max_rows = max_rows
        self._encoding = _encoding(path, start)
        with self._open() as file:
            sample = list(islice(_lines(file), 200))
        self._skip = 1 if re.fullmatch(r"sep=.\s*", sample[0]) else 0  # Excel's own hint, which it does not show
        self._delimiter = sample[0][4] if self._skip else _delimiter(sample)

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        number = 0
        try:
            with self._open() as file:
                lines = islice(chain(_lines(file), [_END]), self._skip, None)
                for number, cells in enumerate(csv.reader(lines, delimiter=self._delimiter), 1):
                    if cells and cells[-1].endswith(_END):
                        self._check_end(number, cells)
                        return
                    if number > self._max_rows:
                        raise FileUnusable(f"The file has more than {self._max_rows:,} rows: split it.")
                    yield number, cells  # type: ignore[misc]
        except csv.Error as error:
            raise FileUnusable(f"After row {number} a quote is opened and not closed again: mend that row.") from error

    def _check_end(self, number: int, cells: list[str]) -> None:
        if cells != [_END]:
            raise FileUnusable(f"A quote opened in row {number} is never closed: what follows cannot be told apart.")

    def _open(self) -> io.TextIOWrapper:
        errors = "surrogateescape" if self._encoding.startswith("utf-8") else "replace"
        return self._path.open(encoding=self._encoding, errors=errors, newline="")


def _lines(file: io.TextIOWrapper) -> Iterator[str]:
    for line in iter(partial(file.readline, LONGEST_FIELD + 1), ""):
        if len(line) > LONGEST_FIELD:
            raise FileUnusable(f"A line of the file is longer than {LONGEST_FIELD:,} characters: this is no table.")
        yield line


def _encoding(path: Path, start: bytes) -> str:
    """UTF-8 or UTF-16 where the bytes say so; else Windows' western code page."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = Counter(i % 2 for i, byte in enumerate(start[:2000]) if byte == 0)
    half = len(start[:2000]) / 2
    if zeros[1] > half * 0.6 or zeros[0] > half * 0.6:
        if zeros[0] and zeros[1] and min(zeros.values()) > half * 0.1:
            raise FileUnusable(f"The file {path.name} is not a table but a binary file.")
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    if len(_NOT_TEXT.findall(start)) > max(3, len(start) * 0.02):
        raise FileUnusable(f"The file {path.name} is not a table but a binary file.")
    good, bad = _utf8_letters(path)
    # A few stray bytes in a file of good UTF-8 spoil their own rows only.
    return "utf-8-sig" if not bad or good > bad else "cp1252"


def _utf8_letters(path: Path) -> tuple[int, int]:
    """Non-ASCII letters of the whole file that are right, and bytes that are wrong, as UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = 0
    with path.open("rb") as file:
        for block in chain(iter(partial(file.read, 2**20), b""), [b""]):
            text = decoder.decode(block, final=not block)
            if not text.isascii():
                wrong = len(_ESCAPED.findall(text))
                bad += wrong
                good += sum(not char.isascii() for char in text) - wrong
    return good, bad


def _delimiter(sample: Iterable[str]) -> str:
    """The delimiter under which most rows are as wide as each other, and then the one that makes them widest."""
    return max(DELIMITERS, key=partial(_fit, list(sample)))


def _fit(sample: list[str], delimiter: str) -> tuple[bool, bool, float, int]:
    try:
        widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
    except csv.Error:
        return False, False, 0.0, 0
    if not widths:
        return False, False, 0.0, 0
    width, count = Counter(widths).most_common(1)[0]
    return width > 1, widths[0] == width, round(count / len(widths), 2), width
