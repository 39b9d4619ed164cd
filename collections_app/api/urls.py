"""Addresses for programs."""

from __future__ import annotations

from django.urls import path

from . import delivery, sms, webhooks

app_name = "api"
urlpatterns = [
    path("stripe/webhook", webhooks.stripe_webhook, name="stripe_webhook"),
    path("mail/<slug:provider>", delivery.mail_webhook, name="mail_webhook"),
    path("sms/twilio", sms.twilio, name="sms_twilio"),
    path("sms/in", sms.generic, name="sms_in"),
]
