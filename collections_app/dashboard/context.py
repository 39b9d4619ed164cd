"""What every page knows: `may.work`, `may.issue`, `may.approve`, `may.configure` say which doors to show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from collections_app.permissions import user_can


class May:
    """The reader's capabilities, asked only when a template does."""

    def __init__(self, user: Any) -> None:
        self.user = user

    def __getitem__(self, capability: str) -> bool:
        return user_can(self.user, capability)


def may(request: HttpRequest) -> dict[str, May]:
    return {"may": May(request.user)} if hasattr(request, "user") else {}
