"""Client pages: a signed link, no login."""

from __future__ import annotations

app_name = "portal"
urlpatterns: list = []
