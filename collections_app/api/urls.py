"""Addresses for programs."""

from __future__ import annotations

from django.urls import path

from . import webhooks

app_name = "api"
urlpatterns = [
    path("stripe/webhook", webhooks.stripe_webhook, name="stripe_webhook"),
]
