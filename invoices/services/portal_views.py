"""That a client looked at the portal: the only row that a GET writes."""

from __future__ import annotations

from django.core.cache import cache
from django.utils.timezone import now

from ..models import Contact, PortalView

HOUR_SECONDS = 3600


def note_view(contact: Contact, page: str) -> bool:
    """At most one row per contact, page and hour, also from two clicks at once. True when one was written."""
    hour_at = now().replace(minute=0, second=0, microsecond=0)
    # The cache only saves the question; the constraint is what keeps it to one.
    if not cache.add(f"portal.view.{contact.pk}.{page}.{hour_at:%Y%m%d%H}", 1, HOUR_SECONDS):
        return False
    row = PortalView(client_id=contact.client_id, contact=contact, page=page[:20], hour_at=hour_at)
    PortalView.objects.bulk_create([row], ignore_conflicts=True)
    return True
