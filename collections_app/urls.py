"""Every address of the product: staff at /, clients at /p/, programs at /api/."""

from __future__ import annotations

from django.conf import settings
from django.conf.urls.static import static
from django.urls import include, path

from collections_app.health import healthz

urlpatterns = [
    path("healthz", healthz),
    path("account/", include("allauth.account.urls")),
]
