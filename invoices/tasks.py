"""Ticks of the online payments; see collections_app/schedule.py. Each may run twice, or late."""

from __future__ import annotations

from .services import payment_events


def process_events() -> int:
    return payment_events.process_events()


def poll_payments() -> int:
    return payment_events.poll_payments()
