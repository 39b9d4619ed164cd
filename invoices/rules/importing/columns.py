"""Which column is which field. Case, spaces, punctuation and accents do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .records import FileKind, FileUnusable
from .synonyms import FALLBACKS, REQUIRED, SYNONYMS

IGNORE = "-"  # `--map Theirs=-`: this column is not read


@dataclass(frozen=True, slots=True)
class Columns:
    """Field -> index of its column, and what the file's own header calls it."""

    kind: FileKind
    index: Mapping[str, int]
    header: Mapping[str, str]
    notes: tuple[str, ...] = ()


def plain(name: str) -> str:
    """A header reduced to what counts: 'Fälligkeits-Datum ' -> 'falligkeitsdatum'."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in decomposed if char.isalnum())


def recognise(headers: Sequence[str], kind: FileKind, mapping: Mapping[str, str] | None = None) -> Columns:
    """The columns of a header row, by `mapping` (theirs -> ours) first and by their usual names then.

    Raises FileUnusable, one sentence, if a column is missing, ambiguous, or the mapping names what is not there.
    """
    index = _mapped(headers, kind, mapping or {})
    taken = set(index.values())
    for field in SYNONYMS[kind]:
        if field not in index and (found := _find(headers, kind, field, taken)) is not None:
            index[field] = found
            taken.add(found)
    notes = _fall_back(index, kind)
    _check_required(headers, index, kind)
    fields = {field: position for field, position in index.items() if position >= 0 and not field.startswith(IGNORE)}
    return Columns(kind, fields, {field: headers[position] for field, position in fields.items()}, notes)


def recognised_count(headers: Sequence[str], kind: FileKind) -> int:
    """How many of these cells are usual names of columns: tells a header row from a title above it."""
    known = {name for names in SYNONYMS[kind].values() for name in names.replace("|", " ").split()}
    return sum(bool(_spellings(header) & known) for header in headers)


def _mapped(headers: Sequence[str], kind: FileKind, mapping: Mapping[str, str]) -> dict[str, int]:
    index: dict[str, int] = {}
    fields = {plain(field): field for field in SYNONYMS[kind]}
    for theirs, ours in mapping.items():
        places = [i for i, header in enumerate(headers) if plain(header) == plain(theirs) and header]
        if not places:
            raise FileUnusable(f"There is no column {theirs!r} to map: the file has {_listed(headers)}.")
        if ours in ("", IGNORE):
            index |= {f"{IGNORE}{place}": place for place in places}
            continue
        field = fields.get(plain(ours))
        if field is None:
            raise FileUnusable(
                f"Column {theirs!r} cannot be mapped to {ours!r}: {kind} have {', '.join(SYNONYMS[kind])}."
            )
        if len(places) > 1 or field in index:
            raise FileUnusable(f"More than one column is mapped to {field}: name only one.")
        index[field] = places[0]
    return index


def _find(headers: Sequence[str], kind: FileKind, field: str, taken: set[int]) -> int | None:
    """The best free column for a field: an earlier tier wins; two in one tier are ambiguous."""
    for tier in SYNONYMS[kind][field].split("|"):
        names = set(tier.split())
        places = [i for i, header in enumerate(headers) if i not in taken and _spellings(header) & names]
        if len(places) > 1:
            which = " and ".join(repr(headers[i]) for i in places)
            raise FileUnusable(
                f"Columns {which} could both be the {field}: say which with --map {headers[places[0]]}={field} "
                f"and rename or ignore the other (--map {headers[places[1]]}={IGNORE})."
                if headers[places[0]] != headers[places[1]]
                else f"Two columns are both called {headers[places[0]]!r}: rename or remove one of them."
            )
        if places:
            return places[0]
    return None


def _spellings(header: str) -> set[str]:
    """'Amount (EUR)' is also 'Amount'."""
    return {plain(header), plain(re.sub(r"[(\[].*?[)\]]", "", header))} - {""}


def _fall_back(index: dict[str, int], kind: FileKind) -> tuple[str, ...]:
    notes = []
    for field, other in FALLBACKS.items():
        required = any(field in group and not index.keys() & set(group) for group in REQUIRED[kind])
        if required and other in index:
            index[field] = index[other]
            notes.append(f"There is no column for {field}: {other} is used for it.")
    return tuple(notes)


def _check_required(headers: Sequence[str], index: Mapping[str, int], kind: FileKind) -> None:
    missing = [" or ".join(group) for group in REQUIRED[kind] if not index.keys() & set(group)]
    if missing:
        raise FileUnusable(
            f"A file of {kind} needs a column for {' and '.join(missing)}: found {_listed(headers)}; "
            f"name the right one with --map theirs={missing[0].split()[0]}."
        )


def _listed(headers: Sequence[str], limit: int = 12) -> str:
    names = [header[:40] for header in headers if header]
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return (", ".join(repr(name) for name in names[:limit]) + more) or "no names in its first row"
