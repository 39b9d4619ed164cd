"""Staff pages. Each page module lists its own addresses in `urls`."""

from __future__ import annotations

app_name = "dashboard"
urlpatterns: list = []
