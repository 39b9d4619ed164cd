"""What each group may do. Views ask `user_can`; pages hide what it denies."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

MANAGER, COLLECTOR, READ_ONLY = "Manager", "Collector", "Read-only"
GROUPS = (MANAGER, COLLECTOR, READ_ONLY)

# capability -> the groups that have it
CAPABILITIES: dict[str, frozenset[str]] = {
    "view": frozenset(GROUPS),
    "work": frozenset({MANAGER, COLLECTOR}),  # calls, promises, blocks, disputes, notes, receipts, drafts
    "issue": frozenset({MANAGER, COLLECTOR}),  # give an invoice its number
    "approve": frozenset({MANAGER}),  # let a notice or letter go
    "configure": frozenset({MANAGER}),  # procedures, terms, settings, users
}


def user_can(user: Any, capability: str) -> bool:
    """Superusers may everything. A user of no group may nothing."""
    if not user.is_active or not user.is_authenticated:
        return False
    if user.is_superuser:
        return True
    if not hasattr(user, "_group_names"):
        user._group_names = frozenset(user.groups.values_list("name", flat=True))
    return bool(user._group_names & CAPABILITIES[capability])


def needs(capability: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Decorate a view: log in first; 403 with a sentence when the group may not."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not user_can(request.user, capability):
                raise PermissionDenied(f"Your role does not include '{capability}'. Ask a manager to do this for you.")
            return view(request, *args, **kwargs)

        return wrapped

    return decorate
