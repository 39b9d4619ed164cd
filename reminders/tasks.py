"""Ticks of the scheduler. Each may run twice or beside itself; no logic here."""

from __future__ import annotations

from django.utils.timezone import localdate

from .services import (
    acknowledgements,
    acknowledging,
    blocks,
    calls,
    credit_reviews,
    dispatch,
    document_mails,
    late_charges,
    payment_news,
    placements,
    plans,
    promises,
    reading,
    recovery,
    settlements,
    simulating,
    statements,
)
from .services import dunning_run as runs


def dunning_run() -> None:
    runs.dunning_run(localdate())


def send_notices() -> None:
    dispatch.send_notices(localdate())


def judge_promises() -> None:
    promises.judge_promises(localdate())


def escalate_calls() -> None:
    calls.escalate_calls(localdate())


def judge_plans() -> None:
    plans.judge_plans(localdate())


def tell_payments() -> None:
    payment_news.tell_payments()
    payment_news.close_blocked_pages(localdate())


def send_acknowledgements() -> None:
    acknowledgements.acknowledge_payments()
    settlements.acknowledge_settlements(localdate())
    document_mails.send_recurring()
    acknowledging.send_acknowledgements()


def lapse_settlements() -> None:
    settlements.lapse_settlements(localdate())


def send_statements() -> None:
    statements.send_statements(localdate())


def make_review_tasks() -> None:
    credit_reviews.make_review_tasks(localdate())


def read_mailbox() -> None:
    reading.read_mailbox()


def find_stale_claims() -> None:
    recovery.find_stale_claims()


def draft_charges() -> None:
    late_charges.draft_charges(localdate())


def ask_for_hardship_reviews() -> None:
    blocks.ask_for_hardship_reviews(localdate())


def run_simulations() -> None:
    simulating.run_simulations()


def close_placements() -> None:
    placements.close_settled()
