"""Procedures as records for the planner, and which one serves which client."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from django.db.models import F, Sum

from invoices.models import Client, Invoice
from invoices.queries.among import Chosen, among
from invoices.rules.money import ZERO

from ..models import Approval, DunningLevel, DunningProcedure, ProcedureStatus, SegmentRule
from ..rules.records import Entry, Level, Procedure
from ..rules.selection import Choice, Segment, Who, choose
from .experiments import has_trial, running_trials, with_assigned


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
        level.minimum_gap_days,
    )


def procedure_record(procedure: DunningProcedure) -> Procedure:
    return Procedure(
        procedure.pk,
        procedure.name,
        tuple(level_record(level) for level in procedure.levels.all()),
        procedure.minimum_interval_days,
        procedure.tolerance_amount,
        procedure.is_business_days_only,
        procedure.respects_contact_rules,
        Entry(procedure.entry_policy),
        procedure.switched_on,
        procedure.bank_freshness_days,
        procedure.pay_run_limit_days,
    )


def procedures_by_id(ids: Collection[int]) -> dict[int, Procedure]:
    """Of single invoices. One that is not active says nothing to anybody, so it comes without levels."""
    rows = DunningProcedure.objects.filter(pk__in=ids).prefetch_related("levels")
    return {
        row.pk: procedure_record(row)
        if row.status == ProcedureStatus.ACTIVE
        else procedure_record(row)._replace(levels=())
        for row in rows
    }


def segment_record(rule: SegmentRule) -> Segment:
    who = (rule.currency, rule.country, rule.debtor_type, rule.segment)
    return Segment(rule.position, rule.procedure_id, *who, rule.minimum_amount, rule.maximum_amount)


class Procedures:
    """All procedures in use, read once per run. A client without a pin gets the default one."""

    def __init__(self) -> None:
        active = DunningProcedure.objects.filter(status=ProcedureStatus.ACTIVE).prefetch_related("levels")
        active = active.annotate(has_trial=has_trial())
        trials = running_trials() if any(p.has_trial for p in active) else {}
        self._by_id = {p.pk: procedure_record(p)._replace(trials=trials.get(p.pk, ())) for p in active}
        # A rule whose procedure is not active is passed over, so that a draft takes nobody's reminders away.
        active_rules = SegmentRule.objects.filter(procedure__status=ProcedureStatus.ACTIVE)
        self._segments = [segment_record(rule) for rule in active_rules]
        self._default = next((self._by_id[p.pk] for p in active if p.is_default), None)

    def of(self, client_ids: Collection[int]) -> dict[int, Procedure | None]:
        """client id -> his procedure; None when none is active for him."""
        return self.chosen(self.choices(client_ids))

    def chosen(self, choices: Mapping[int, Choice]) -> dict[int, Procedure | None]:
        """The same where the choices are known already."""
        by_id = {pk: with_assigned(procedure, choices) for pk, procedure in self._by_id.items()}
        return {pk: by_id.get(choice.procedure_id or 0) for pk, choice in choices.items()}

    def choices(self, client_ids: Collection[int]) -> dict[int, Choice]:
        """client id -> the procedure that serves him, or would if it were active, and why that one."""
        chosen = among(client_ids)
        rows = Client.objects.filter(pk__in=chosen)
        owed = _owed(chosen) if any(segment.asks_amount for segment in self._segments) else {}
        columns = ("id", "currency", "country", "debtor_type", "segment", "dunning__procedure_id")
        default_id = self._default.id if self._default else None
        return {
            pk: choose(Who(*facts, owed.get(pk, ZERO), pinned_to), self._segments, default_id)
            for pk, *facts, pinned_to in rows.values_list(*columns)
        }


def _owed(client_ids: Chosen) -> dict[int, Decimal]:
    """Client -> what is open in his own currency."""
    rows = Invoice.objects.filter(client_id__in=client_ids, open_amount__gt=0, currency=F("client__currency"))
    return dict(rows.order_by().values_list("client_id").annotate(owed=Sum("open_amount")))
