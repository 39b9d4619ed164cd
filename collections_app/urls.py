"""Every address of the product: staff at /, clients at /p/, programs at /api/."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from .health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("account/", include("allauth.urls")),
    path("support/", admin.site.urls),
    path("p/", include("collections_app.portal.urls")),
    path("api/", include("collections_app.api.urls")),
    path("", include("collections_app.dashboard.urls")),
]
