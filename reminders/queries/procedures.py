"""Procedures as records for the planner, and which one serves which client."""

from __future__ import annotations

from collections.abc import Collection

from invoices.queries.among import among

from ..models import Approval, DunningAccount, DunningLevel, DunningProcedure, ProcedureStatus
from ..rules.records import Level, Procedure


def level_record(level: DunningLevel) -> Level:
    return Level(
        level.pk,
        level.position,
        level.name,
        level.days_past_due,
        level.channel,
        level.is_in_business_days,
        level.approval == Approval.AUTOMATIC,
        level.minimum_amount,
        level.deadline_days,
        level.too_late_days,
    )


def procedure_record(procedure: DunningProcedure) -> Procedure:
    return Procedure(
        procedure.pk,
        procedure.name,
        tuple(level_record(level) for level in procedure.levels.all()),
        procedure.minimum_interval_days,
        procedure.tolerance_amount,
        procedure.is_business_days_only,
    )


class Procedures:
    """All procedures in use, read once per run. A client without a pin gets the default one."""

    def __init__(self) -> None:
        active = DunningProcedure.objects.filter(status=ProcedureStatus.ACTIVE).prefetch_related("levels")
        self._by_id = {p.pk: procedure_record(p) for p in active}
        self._default = next((self._by_id[p.pk] for p in active if p.is_default), None)

    def of(self, client_ids: Collection[int]) -> dict[int, Procedure | None]:
        """client id -> his procedure; None when none is active for him."""
        pins = dict(DunningAccount.objects.filter(pk__in=among(client_ids)).values_list("client_id", "procedure_id"))
        return {c: self._by_id.get(pins[c]) if c in pins else self._default for c in client_ids}
