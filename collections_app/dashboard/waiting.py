"""What every staff page knows about the queues: `nav_counts` and `sending_alarm`, read once and only when
the page shows them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.timezone import localdate

from invoices.queries.organisation import organisation
from reminders.queries.queues import waiting_counts


def waiting(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None:
        return {}
    return {
        "nav_counts": SimpleLazyObject(lambda: waiting_counts(localdate()) if user.is_authenticated else {}),
        "sending_alarm": SimpleLazyObject(lambda: organisation().sending_alarm),  # asked only while sending is stopped
    }
