"""How often an address may try, per hour, counted in Django's cache (with REDIS_URL: across all machines).

Only misses, codes and requests for mail are counted: a good link always works, however many bad ones came from there.
"""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

HOUR = 3600
LIMITS = {"miss": 20, "new_link": 5, "send_code": 10, "code": 30}


def count(request: HttpRequest, what: str) -> bool:
    """Count one more; False when it is too many."""
    name = _name(request, what)
    cache.add(name, 0, HOUR)
    try:
        return cache.incr(name) <= LIMITS[what]
    except ValueError:  # it ran out between the two lines
        return True


def is_over(request: HttpRequest, what: str) -> bool:
    return cache.get(_name(request, what), 0) >= LIMITS[what]


def _name(request: HttpRequest, what: str) -> str:
    address = hashlib.sha256(request.META.get("REMOTE_ADDR", "").encode()).hexdigest()[:32]
    return f"portal.{what}.{address}"
