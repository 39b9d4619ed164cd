"""Compare two ways of speaking at a level, or speaking with silence. Who is in which arm is `services.assigning`."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction

from invoices.services.audit import Actor, record, user_or_none
from invoices.services.ledger import wake

from ..errors import DunningError
from ..models import Assignment, DunningLevel, DunningProcedure, Experiment, LevelKind, ProcedureStatus, Variant
from ..rules.experiments import share_problems

USUAL, SILENT = "As usual", "Nothing for a while"


class Arms(NamedTuple):
    """Percent of the clients for other words and for silence; the rest hears the level as usual. 0: no such arm."""

    silent_share: int = 0
    silent_days: int = 14
    other_share: int = 0
    other_template: str = ""

    def rows(self) -> list[dict[str, Any]]:
        rows = [{"name": USUAL, "share": 100 - self.silent_share - self.other_share}]
        if self.other_share:
            name = f"Other words: {self.other_template}"[:60]
            rows.append({"name": name, "share": self.other_share, "template": self.other_template})
        if self.silent_share:
            days = {"is_holdout": True, "holdout_days": self.silent_days}
            rows.append({"name": SILENT, "share": self.silent_share, **days})
        return rows


@transaction.atomic
def add_experiment(level: DunningLevel, *, name: str, question: str, arms: Arms, actor: Actor) -> Experiment:
    """A plan for a comparison; nothing happens before it is started. Raises DunningError with every problem."""
    if problems := _problems(level, arms):
        raise DunningError(" ".join(problems))
    experiment = Experiment.objects.create(
        procedure=level.procedure,
        position=level.position,
        name=name,
        question=question,
        seed=secrets.token_hex(16),
        created_by=user_or_none(actor),
    )
    Variant.objects.bulk_create([Variant(experiment=experiment, **row) for row in arms.rows()])
    record("experiment_added", experiment, actor=actor, text=f"Experiment {name} planned at level {level.name}")
    return experiment


def _problems(level: DunningLevel, arms: Arms) -> list[str]:
    problems = share_problems([(row["name"], row["share"]) for row in arms.rows()])
    if arms.other_share and not arms.other_template:
        problems.append("Choose the other words.")
    if arms.other_template == level.template:
        problems.append("These are the words of the level already; choose others.")
    if arms.silent_share and arms.silent_days < 1:
        problems.append("Silence takes at least one day.")
    if problem := level_problem(level):
        problems.append(problem)
    return problems


def level_problem(level: DunningLevel) -> str:
    """Why nothing may be tried at this level; empty when it may. Formal letters reach everybody they are due to."""
    if level.kind == LevelKind.REMINDER:
        return ""
    return f"{level.name} is a {level.get_kind_display().lower()}: it is never held back and its words are not varied."


@transaction.atomic
def start_experiment(experiment_id: int, *, today: date, actor: Actor) -> Experiment:
    """From now on clients are drawn when the level becomes due for them. One experiment a level at a time."""
    experiment = _locked(experiment_id)
    if experiment.started_on:
        raise DunningError("This experiment has been started before. Plan a new one to ask again.")
    _check_start(experiment)
    experiment.started_on = today
    experiment.save(update_fields=["started_on"])
    record("experiment_started", experiment, actor=actor, text=f"Experiment {experiment} started")
    return experiment


def _check_start(experiment: Experiment) -> None:
    procedure, level = experiment.procedure, level_of(experiment)
    if procedure.status != ProcedureStatus.ACTIVE:
        raise DunningError(f"{procedure} is {procedure.get_status_display().lower()}. Activate it first.")
    if level is None:
        raise DunningError(f"{procedure} has no level at position {experiment.position} any more.")
    if problem := level_problem(level):
        raise DunningError(problem)
    others = Experiment.objects.filter(procedure=procedure, position=experiment.position, started_on__isnull=False)
    if other := others.filter(ended_on__isnull=True).first():
        raise DunningError(f"“{other}” runs at this level. End it first: two at once would blur each other.")


@transaction.atomic
def end_experiment(experiment_id: int, *, today: date, actor: Actor) -> Experiment:
    """Early or in time. Who was left alone is looked at again today; what was measured stays."""
    experiment = _locked(experiment_id)
    if not experiment.started_on or experiment.ended_on:
        raise DunningError("This experiment does not run, so there is nothing to end.")
    experiment.ended_on = today
    experiment.save(update_fields=["ended_on"])
    silent = Assignment.objects.filter(experiment=experiment, variant__is_holdout=True)
    wake(list(silent.order_by("client_id").values_list("client_id", flat=True)), today)
    record("experiment_ended", experiment, actor=actor, text=f"Experiment {experiment} ended")
    return experiment


def level_of(experiment: Experiment) -> DunningLevel | None:
    return DunningLevel.objects.filter(procedure=experiment.procedure_id, position=experiment.position).first()


def _locked(experiment_id: int) -> Experiment:
    """Under the procedure's lock, so that two starts at one level take turns."""
    procedure_id = Experiment.objects.values_list("procedure_id", flat=True).get(pk=experiment_id)
    DunningProcedure.objects.select_for_update().get(pk=procedure_id)
    return Experiment.objects.select_related("procedure").get(pk=experiment_id)
