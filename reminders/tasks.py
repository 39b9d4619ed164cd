"""Ticks of the scheduler. Each may run twice or beside itself; no logic here."""

from __future__ import annotations

from django.utils.timezone import localdate

from .services import (
    acknowledgements,
    acknowledging,
    credit_reviews,
    dispatch,
    late_charges,
    plans,
    promises,
    recovery,
    statements,
)
from .services import dunning_run as runs


def dunning_run() -> None:
    runs.dunning_run(localdate())


def send_notices() -> None:
    dispatch.send_notices(localdate())


def judge_promises() -> None:
    promises.judge_promises(localdate())


def judge_plans() -> None:
    plans.judge_plans(localdate())


def send_acknowledgements() -> None:
    acknowledgements.acknowledge_payments()
    acknowledging.send_acknowledgements()


def send_statements() -> None:
    statements.send_statements(localdate())


def make_review_tasks() -> None:
    credit_reviews.make_review_tasks(localdate())


def find_stale_claims() -> None:
    recovery.find_stale_claims()


def draft_charges() -> None:
    late_charges.draft_charges(localdate())
