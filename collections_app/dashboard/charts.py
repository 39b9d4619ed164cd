"""Charts drawn on the server as accessible SVG: a stacked bar, stacked columns, a line.

Each has a spoken summary, a legend and its figures as a table (`components/chart.html`). Colours are classes (b0 to b4:
the ageing buckets from current to worst, b5 neutral, b6 promised), never inline styles. Floats here are geometry only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from collections_app.formats import number

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 220, 52, 18, 24
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - 8, HEIGHT - TOP - BOTTOM


@dataclass(frozen=True)
class Part:
    """One coloured part. `text` is its figure in words (money with currency); `url` opens the list behind it."""

    label: str
    value: Decimal
    text: str
    tone: str
    url: str = ""


@dataclass(frozen=True)
class Group:
    """One column of stacked parts. `text` is its total in words."""

    label: str
    parts: Sequence[Part]
    text: str = ""


@dataclass(frozen=True)
class Point:
    label: str
    value: Decimal | None
    text: str


@dataclass(frozen=True)
class Chart:
    """What `components/chart.html` shows. Parts of one chart are of one currency: money is never added across."""

    title: str
    svg: SafeString
    legend: Sequence[Part] = ()
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def drawn(title: str, summary: str, body: SafeString, width: int = WIDTH, height: int = HEIGHT) -> SafeString:
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>',
        "wide" if height > 40 else "bar",
        width,
        height,
        f"{title}. {summary}",
        body,
    )


def positive(value: Decimal | None) -> float:
    return max(float(value or 0), 0.0)


def linked(inner: SafeString, part: Part) -> SafeString:
    """The shape with its spoken figure, as a link where there is a list behind it."""
    if not part.url:
        return format_html('<g role="img" aria-label="{}: {}">{}</g>', part.label, part.text, inner)
    return format_html('<a href="{}" aria-label="{}: {}">{}</a>', part.url, part.label, part.text, inner)


def rect(part: Part, x: float, y: float, width: float, height: float) -> SafeString:
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>',
        part.tone,
        *(round(size, 1) for size in (x, y, width, height)),
        part.label,
        part.text,
    )


def stacked_bar(title: str, parts: Sequence[Part]) -> Chart:
    """One bar over the whole width, split by share: the ageing of one client or one currency."""
    total = sum(positive(part.value) for part in parts)
    shapes, x, height = [], 0.0, 18
    for part in parts:
        width = positive(part.value) / total * WIDTH if total else 0.0
        if width > 0:
            # A sliver that is too thin to see or hit would hide an amount that is owed.
            shapes.append(linked(rect(part, x, 0, max(width - 1.5, 1.5), height), part))
        x += width
    summary = ", ".join(f"{part.label} {part.text}" for part in parts) or "Nothing to show."
    body = (
        join(shapes) if total else format_html('<rect class="b5" width="{}" height="{}" opacity=".2"/>', WIDTH, height)
    )
    return Chart(title, drawn(title, summary, body, height=height), parts)


def stacked_columns(title: str, groups: Sequence[Group]) -> Chart:
    """Columns side by side, each a stack of the same parts: ageing over the months."""
    top = nice_top(max((sum(positive(p.value) for p in group.parts) for group in groups), default=0.0))
    step = PLOT_WIDTH / max(len(groups), 1)
    width = min(step * 0.62, 56)
    shapes = [axis(top)]
    for index, group in enumerate(groups):
        middle = LEFT + step * (index + 0.5)
        y = float(TOP + PLOT_HEIGHT)
        for part in group.parts:
            height = positive(part.value) / top * PLOT_HEIGHT
            y -= height
            if height > 0:
                spoken = Part(f"{group.label}, {part.label}", part.value, part.text, part.tone, part.url)
                shapes.append(linked(rect(spoken, middle - width / 2, y, width, height), spoken))
        shapes.append(text(group.label, middle, HEIGHT - 8, "middle"))
        shapes.append(text(group.text, middle, y - 5, "middle", "total"))
    first = groups[0].parts if groups else ()
    legend = [Part(part.label, Decimal(0), "", part.tone) for part in first]
    rows = [[group.label, *(part.text for part in group.parts), group.text] for group in groups]
    heads = ["", *(part.label for part in first), "Total"]
    summary = "; ".join(f"{group.label} {group.text}" for group in groups) or "Nothing to show."
    return Chart(title, drawn(title, summary, join(shapes)), legend, heads, rows)


def line(title: str, points: Sequence[Point], tone: str = "b0") -> Chart:
    """One line over time; a point without a value leaves a gap."""
    top = nice_top(max((positive(point.value) for point in points), default=0.0))
    step = PLOT_WIDTH / max(len(points) - 1, 1)
    every = ceil(len(points) / 8) or 1
    path, dots, labels, is_down = [], [], [], False
    for index, point in enumerate(points):
        x = LEFT + step * index
        if index % every == 0:
            labels.append(text(point.label, x, HEIGHT - 8, "end" if index == len(points) - 1 else "middle"))
        if point.value is None:
            is_down = False
            continue
        y = TOP + PLOT_HEIGHT - positive(point.value) / top * PLOT_HEIGHT
        path.append(f"{'L' if is_down else 'M'}{x:.1f} {y:.1f}")
        is_down = True
        dots.append(dot(point, x, y, tone))
    body = join([axis(top), format_html('<path class="line {}" d="{}"/>', tone, " ".join(path)), *dots, *labels])
    summary = "; ".join(f"{point.label} {point.text}" for point in points) or "Nothing to show."
    return Chart(title, drawn(title, summary, body), (), ["", title], [[p.label, p.text] for p in points])


def dot(point: Point, x: float, y: float, tone: str) -> SafeString:
    return format_html(
        '<circle class="{}" cx="{}" cy="{}" r="3"><title>{}: {}</title></circle>',
        tone,
        round(x, 1),
        round(y, 1),
        point.label,
        point.text,
    )


def text(words: str, x: float, y: float, anchor: str, css: str = "") -> SafeString:
    return format_html(
        '<text class="{}" x="{}" y="{}" text-anchor="{}" aria-hidden="true">{}</text>',
        css,
        round(x, 1),
        round(y, 1),
        anchor,
        words,
    )


def axis(top: float) -> SafeString:
    """Four grid lines with their figures, shortened: 250k, 1.5M."""
    lines = []
    for quarter in range(5):
        y = TOP + PLOT_HEIGHT * (1 - quarter / 4)
        lines.append(format_html('<path class="grid" d="M{} {}H{}"/>', LEFT, round(y, 1), WIDTH - 8))
        lines.append(text(short(top * quarter / 4), LEFT - 6, y + 4, "end"))
    return join(lines)


def short(value: float) -> str:
    """A figure for an axis: 950, 12.5k, 1.5M."""
    for size, unit in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{number(value / size, 1)}{unit}"
    return number(value, 1)


def nice_top(value: float) -> float:
    """The round figure at or above the highest value that divides well by four; 4 when nothing is above 0."""
    if value <= 0:
        return 4.0
    power = 10.0 ** int(log10(value) // 1)
    return next(power * factor for factor in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10, 12) if power * factor >= value)


def join(shapes: Sequence[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((shape,) for shape in shapes)) if shapes else mark_safe("")
