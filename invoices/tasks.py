"""Ticks of the online payments and recurring invoices; see collections_app/schedule.py. Each may run twice, or late."""

from __future__ import annotations

from django.utils.timezone import localdate

from .services import payment_events, payouts, recurring_issuing, refund_requests


def process_events() -> int:
    return payment_events.process_events()


def poll_payments() -> int:
    return payment_events.poll_payments()


def send_refunds() -> int:
    return refund_requests.send_refunds()


def read_payouts() -> int:
    return payouts.read_payouts()


def issue_recurring() -> int:
    return recurring_issuing.issue_recurring(localdate()).invoices
