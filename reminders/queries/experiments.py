"""Experiments as the planner sees them: those that run now, and when each client's arm was stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from invoices.queries.among import among

from ..models import Assignment, DunningLevel, Experiment, LevelKind, Variant
from ..rules.records import Procedure, Trial, TrialArm

# Demands, final notices and decisions are never held back or varied, whatever an experiment says.
OPEN_KINDS = (LevelKind.REMINDER,)


def running() -> QuerySet[Experiment, Any]:
    return Experiment.objects.filter(started_on__isnull=False, ended_on__isnull=True)


def has_trial() -> Exists:
    """Whether an experiment runs in the procedure; an annotation, so that a day without one costs no query more."""
    return Exists(running().filter(procedure=OuterRef("pk")))


def running_trials() -> dict[int, tuple[Trial, ...]]:
    """Procedure -> its experiments that run. Two queries, whatever their number."""
    arms: dict[int, list[TrialArm]] = defaultdict(list)
    rows = Variant.objects.filter(experiment__in=running()).order_by("experiment_id", "pk")
    for experiment_id, *arm in rows.values_list("experiment_id", "pk", "share", "is_holdout", "holdout_days"):
        arms[experiment_id].append(TrialArm(*arm))
    level = DunningLevel.objects.filter(
        procedure=OuterRef("procedure"), position=OuterRef("position"), kind__in=OPEN_KINDS
    )
    found: dict[int, tuple[Trial, ...]] = {}
    rows = running().annotate(level_id=Subquery(level.values("pk")[:1])).filter(level_id__isnull=False).order_by("pk")
    for procedure_id, *facts in rows.values_list("procedure_id", "pk", "name", "level_id", "seed"):
        found[procedure_id] = (*found.get(procedure_id, ()), Trial(*facts, tuple(arms[facts[0]])))
    return found


def with_assigned(procedure: Procedure, client_ids: Collection[int]) -> Procedure:
    """The procedure, its experiments knowing which of these clients are in them since when. One query with any."""
    if not procedure.trials:
        return procedure
    assigned: dict[int, dict[int, date]] = defaultdict(dict)
    rows = Assignment.objects.filter(
        experiment_id__in=[trial.experiment_id for trial in procedure.trials], client_id__in=among(client_ids)
    )
    for experiment_id, client_id, on in rows.values_list("experiment_id", "client_id", "assigned_on"):
        assigned[experiment_id][client_id] = on
    trials = tuple(trial._replace(assigned=assigned[trial.experiment_id]) for trial in procedure.trials)
    return procedure._replace(trials=trials)
