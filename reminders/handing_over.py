"""Facts in, the first pages of a hand-over file out, as HTML for the printer. No database, no network."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import override


def handover_html(facts: dict[str, Any]) -> str:
    """`facts` are the variables that documents/handover.html names."""
    with override("en"):
        return render_to_string("documents/handover.html", facts)
