"""Filters and tags of the house style: money, dates, states, icons, navigation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from collections_app import formats
from collections_app.dashboard import navigation as declared
from invoices.rules.schedule_words import moved_said

register = template.Library()
register.filter("moved_said", moved_said)

for rule in (formats.money, formats.amount, formats.number, formats.day, formats.day_short, formats.moment):
    register.filter(rule.__name__, rule)
for rule in (formats.days_late, formats.late_tone, formats.tone, formats.price):
    register.filter(rule.__name__, rule)


@lru_cache(maxsize=256)
def drawn(name: str, size: int) -> SafeString:
    # Drawing parses XML each time; a list page asks for the same few icons hundreds of times.
    return lucide(name, size=size, **{"class": "icon", "aria_hidden": "true"})


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """A lucide icon as inline SVG, hidden from screen readers: the words beside it carry the meaning."""
    return mark_safe(drawn(str(name), size))


@register.simple_tag
def badge(label: object, tone: str = "") -> SafeString:
    """A state as a badge; without a tone the label's own."""
    return format_html('<span class="badge is-{}">{}</span>', tone or formats.tone(label), label)


@register.simple_tag
def money_cell(value: Decimal | None, currency: str) -> SafeString:
    """Money for a figure column: digits line up, the code stands back."""
    return money_html(value, currency)


def money_html(value: Decimal | None, currency: str) -> SafeString:
    if value is None:
        return mark_safe(f'<span class="muted">{formats.NOTHING}</span>')
    css = "money is-negative" if value < 0 else "money"
    return format_html('<span class="{}">{} <abbr>{}</abbr></span>', css, formats.amount(value, currency), currency)


@register.simple_tag
def late(days: int | None) -> SafeString:
    """Days past due as words with a tone."""
    return format_html('<span class="tone-{}">{}</span>', formats.late_tone(days), formats.days_late(days))


@register.simple_tag
def when(value: date | datetime | None) -> SafeString:
    """A date or moment as a `time` element: read by people, exact for programs."""
    if value is None:
        return mark_safe(f'<span class="muted">{formats.NOTHING}</span>')
    words = formats.moment(value) if isinstance(value, datetime) else formats.day(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)


@register.filter
def initials(name: object) -> str:
    """Up to two capitals of a person's or company's name."""
    words = str(name).replace(".", " ").replace("@", " ").split()
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def iso_day(text: str | None) -> str:
    """A day kept as text (2026-01-31) in the reader's words; other text as it is."""
    try:
        return formats.day(date.fromisoformat(text or ""))
    except ValueError:
        return text or ""


@register.filter
def get(record: Mapping[Any, Any], key: Any) -> Any:
    """The value of a key that is not a constant; None when it is not there."""
    return record.get(key)


@register.filter
def is_checkbox(field: Any) -> bool:
    """Whether a bound form field is one tick box (its label goes behind it)."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not hasattr(field.field, "choices")


@register.simple_tag(takes_context=True)
def navigation(context: RequestContext) -> list[declared.Section]:
    """The side navigation for this reader: entries whose page exists and which he may open."""
    request = context.get("request")
    if request is None:
        return []
    return declared.sections(request, context.get("nav_counts") or {})
