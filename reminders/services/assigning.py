"""Write down which arm of an experiment a client is in, in the transaction that proposes or holds back: never after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ..models import Assignment
from ..rules.experiments import arm_of, trial_at
from ..rules.records import Code, Plan, Trial

if TYPE_CHECKING:
    from .dunning_run import Decision


def assign(decisions: Sequence[Decision], on: date) -> None:
    """One row for each client whose first turn at an experiment's level is today; the caller holds the locks."""
    rows = [
        _row(decision, trial, on)
        for decision in decisions
        if decision.procedure.trials and (trial := trial_of(decision)) is not None
        if decision.account.client_id not in trial.assigned
    ]
    Assignment.objects.bulk_create(rows, ignore_conflicts=True)


def variant_of(decision: Decision) -> int | None:
    """The arm that speaks in this decision's contact; None without an experiment at its level."""
    trial = trial_of(decision) if decision.procedure.trials else None
    arm = arm_of(trial, decision.account.client_id) if trial else None
    return arm.variant_id if arm and not arm.is_holdout else None


def trial_of(decision: Decision) -> Trial | None:
    """The experiment at the level that speaks, or would speak if chance did not keep it silent."""
    trials, found = decision.procedure.trials, decision.plan
    if found.contact:
        return trial_at(trials, found.contact.level.id)
    held = {r.figures["experiment_id"] for r in found.reasons if r.code == Code.HOLDOUT}
    return next((trial for trial in trials if trial.experiment_id in held), None)


def _row(decision: Decision, trial: Trial, on: date) -> Assignment:
    client_id = decision.account.client_id
    amount, currency, invoice_ids = _asked(decision.plan)
    return Assignment(
        experiment_id=trial.experiment_id,
        client_id=client_id,
        variant_id=arm_of(trial, client_id).variant_id,
        assigned_on=on,
        amount=amount,
        currency=currency,
        invoice_ids=invoice_ids,
    )


def _asked(found: Plan) -> tuple[Decimal, str, list[object]]:
    """What is due, of the currency with the first item: currencies are never added, and a row has one."""
    due = [reason.figures for reason in found.reasons if reason.code == Code.LEVEL_DUE]
    currency = str(due[0]["currency"])
    of_it = [figures for figures in due if figures["currency"] == currency]
    amount = sum((Decimal(str(figures["amount"])) for figures in of_it), Decimal(0))
    return amount, currency, [figures["invoice_id"] for figures in of_it]
