"""Ticks of the online payments and recurring invoices; see collections_app/schedule.py. Each may run twice, or late."""

from __future__ import annotations

from django.utils.timezone import localdate

from .services import payment_events, recurring_issuing


def process_events() -> int:
    return payment_events.process_events()


def poll_payments() -> int:
    return payment_events.poll_payments()


def issue_recurring() -> int:
    return recurring_issuing.issue_recurring(localdate()).invoices
