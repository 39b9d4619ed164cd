"""Ticks of the online payments and late charges; see collections_app/schedule.py. Each may run twice, or late."""

from __future__ import annotations

from django.utils.timezone import localdate

from .services import charges, payment_events


def process_events() -> int:
    return payment_events.process_events()


def poll_payments() -> int:
    return payment_events.poll_payments()


def draft_charges() -> int:
    return charges.draft_charges(localdate()).drafted
