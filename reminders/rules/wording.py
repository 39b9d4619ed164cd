"""The restricted language of the texts that staff write: Liquid with few tags and filters, strict names and limits.

A text is rendered as plain text and escaped as a whole where it is put into HTML (templates/notices/layout.html), so no
text can bring markup along. Whoever writes it sees a sentence with line and column for everything that does not work.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from liquid import BoundTemplate, Environment, Mode, StrictUndefined
from liquid.exceptions import LiquidError, ResourceLimitError, UndefinedError, UnknownFilterError
from liquid.filter import string_filter

from .speech import STYLES, Day, Sum, say_amount, say_day

TAGS = frozenset({"if", "unless", "case", "for", "comment", "#", "content", "output", "illegal"})
FILTERS = frozenset({"default", "downcase", "capitalize", "size", "first", "last", "truncate", "money", "date"})
LONGEST = 8_000  # characters of one text as written
MOST_LOOPS = 300
MOST_BYTES = 20_000  # of one text as rendered
DEEPEST = 8


class Problem(NamedTuple):
    """What is wrong in a text, and where (both count from 1; 0 where no place can be named)."""

    message: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.message}" if self.line else self.message


class WordingError(Exception):
    """A text cannot be used; `problems` say why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(str(problem) for problem in problems))
        self.problems = problems


class Restricted(Environment):
    """Liquid without files, counters or loops of any size."""

    block_nesting_limit = DEEPEST
    context_depth_limit = DEEPEST + 4
    loop_iteration_limit = MOST_LOOPS
    local_namespace_limit = MOST_BYTES
    output_stream_limit = MOST_BYTES


def date_filter(value: object, style: str = "medium") -> str:
    """A date in another style: short, medium, long, weekday."""
    if not isinstance(value, Day):
        return str(value or "")
    return say_day(value.value, value.language, style if style in STYLES else "medium")


def money_filter(value: object, style: str = "code") -> str:
    """An amount; with `money: "bare"` the figure without its currency."""
    if isinstance(value, Sum) and style == "bare":
        return say_amount(value.value, value.currency, value.language)
    return str(value or "")


@lru_cache(maxsize=1)
def language() -> Restricted:
    made = Restricted(tolerance=Mode.STRICT, undefined=StrictUndefined, strict_filters=True)
    made.tags = {name: tag for name, tag in made.tags.items() if name in TAGS}
    made.filters = {name: found for name, found in made.filters.items() if name in FILTERS}
    made.filters |= {"date": date_filter, "money": money_filter, "downcase": downcase}
    return made


@string_filter
def downcase(value: str) -> str:
    return value.lower()


@lru_cache(maxsize=1024)
def parsed(text: str) -> BoundTemplate:
    """Raises WordingError."""
    if len(text) > LONGEST:
        raise WordingError(Problem(f"The text has {len(text)} characters; {LONGEST} are the most."))
    try:
        return language().from_string(text)
    except RecursionError:
        raise WordingError(Problem("The text is nested too deeply. Make it simpler.")) from None
    except LiquidError as error:
        raise WordingError(_problem(error, text)) from error


def rendered(text: str, names: Mapping[str, Any]) -> str:
    """The text with its names filled in. Raises WordingError, also for a name that is not there."""
    try:
        return parsed(text).render(**names).strip()
    except RecursionError:
        raise WordingError(Problem("The text is nested too deeply. Make it simpler.")) from None
    except LiquidError as error:
        raise WordingError(_problem(error, text)) from error


def problems_of(text: str, known: Mapping[str, Mapping[str, object] | None]) -> list[Problem]:
    """What is wrong with a text before it is used: syntax, limits, names that do not exist.

    `known` holds each name with the names below it (None: it has none), as `rules.variables` lists them.
    """
    try:
        found = parsed(text).analyze(include_partials=False)
    except RecursionError:
        return [Problem("The text is nested too deeply. Make it simpler.")]
    except WordingError as error:
        return list(error.problems)
    except LiquidError as error:
        return [_problem(error, text)]
    problems = [
        Problem(f"Unknown filter '{name}'. There are: {', '.join(sorted(FILTERS))}.", *_place(text, span.index))
        for name, spans in found.filters.items()
        if name not in FILTERS
        for span in spans
    ]
    for uses in found.globals.values():
        for use in uses:
            if message := _unknown([str(segment) for segment in use.segments], known):
                problems.append(Problem(message, *_place(text, use.span.index)))
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def _unknown(path: list[str], known: Mapping[str, Mapping[str, object] | None]) -> str:
    name, *below = path
    if name not in known:
        return f"There is no variable {name}. The list beside the text has those there are."
    fields = known[name]
    if fields is not None and below:
        inner = [one for one in below if not one.isdigit() and one not in {"first", "last"}]
        if inner and inner[0] != "size" and inner[0] not in fields:
            return f"{name} has no {inner[0]}; it has {', '.join(fields)}."
    elif fields is None and below and below != ["size"]:
        return f"{name} has nothing below it: write {{{{ {name} }}}}."
    return ""


def _problem(error: LiquidError, text: str) -> Problem:
    index = error.token.start_index if error.token is not None else -1
    return Problem(_sentence(error), *(_place(text, index) if index >= 0 else (0, 0)))


def _sentence(error: LiquidError) -> str:
    said = str(error.message or "it cannot be read").rstrip(".")
    if isinstance(error, UnknownFilterError):
        return f"{said[:1].upper()}{said[1:]}. There are: {', '.join(sorted(FILTERS))}."
    if isinstance(error, ResourceLimitError):
        return (
            f"Too much: {said}. A text may loop {MOST_LOOPS} times, nest {DEEPEST} deep and grow to {MOST_BYTES} bytes."
        )
    if isinstance(error, UndefinedError):
        return f"There is nothing to put in here: {said[:80]}."
    return f"{said[:1].upper()}{said[1:120]}."


def _place(text: str, index: int) -> tuple[int, int]:
    before = text[: min(index, len(text))]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
