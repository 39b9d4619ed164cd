"""Change how clients are dunned: procedures, their levels, and which procedure serves a client.

Every change raises the procedure's version and has collections look again at the clients it serves, since their dates
may have moved. Items keep their memory by the position of a level, so a position is never given to another level.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils.timezone import localdate

from invoices.models import Client, Invoice
from invoices.services.audit import Actor, record, user_or_none
from invoices.services.changes import change_row
from invoices.services.ledger import lock_client, wake

from ..errors import DunningError
from ..models import (
    DunningAccount,
    DunningLevel,
    DunningProcedure,
    InvoicePin,
    Notice,
    ProcedureStatus,
    ProcedureVersion,
)
from ..queries.procedures import level_record
from ..rules.levels import level_problems

LIMITS = (
    *("minimum_interval_days", "tolerance_amount", "is_business_days_only", "promise_grace_days"),
    *("respects_contact_rules", "entry_policy", "bank_freshness_days", "pay_run_limit_days"),
)
UNKEPT = ("id", "procedure")  # of a level, in a version


class LevelRefused(DunningError):
    """The levels would contradict each other; `problems` are sentences."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@transaction.atomic
def add_procedure(name: str, *, actor: Actor, like: int | None = None) -> DunningProcedure:
    """A draft, empty or with the levels and limits of another. Raises DunningError when the name is taken."""
    if DunningProcedure.objects.filter(name__iexact=name).exists():
        raise DunningError(f"There is a procedure called “{name}” already.")
    model = DunningProcedure.objects.filter(pk=like).first()
    values = {field: getattr(model, field) for field in LIMITS} if model else {}
    procedure = DunningProcedure.objects.create(name=name, status=ProcedureStatus.DRAFT, **values)
    for level in model.levels.all() if model else ():
        level.pk, level.procedure = None, procedure
        level.save(force_insert=True)
    record("procedure_added", procedure, actor=actor, text=f"Procedure {name} added as a draft")
    return procedure


@transaction.atomic
def change_procedure(procedure_id: int, values: Mapping[str, Any], *, actor: Actor) -> list[str]:
    """Change name and limits; returns the labels of what changed."""
    procedure = DunningProcedure.objects.select_for_update().get(pk=procedure_id)
    if DunningProcedure.objects.filter(name__iexact=values.get("name", "")).exclude(pk=procedure_id).exists():
        raise DunningError(f"There is a procedure called “{values['name']}” already.")
    changed = change_row(procedure, values, verb="procedure_changed", actor=actor)
    if changed:
        _take_effect(procedure, actor)
    return changed


@transaction.atomic
def add_level(procedure_id: int, values: Mapping[str, Any], *, actor: Actor) -> DunningLevel:
    """A new level, behind the others unless `position` names a free place. Raises LevelRefused."""
    procedure = DunningProcedure.objects.select_for_update().get(pk=procedure_id)
    last = procedure.levels.aggregate(last=Max("position"))["last"] or 0
    position = values.get("position") or last + 1
    if procedure.levels.filter(position=position).exists():
        raise LevelRefused([f"Position {position} is taken; the next free one at the end is {last + 1}."])
    level = DunningLevel(procedure=procedure, **{**values, "position": position})
    _check(procedure, level)
    level.save(force_insert=True)
    record("level_added", level, actor=actor, text=f"{procedure}: level {level} added")
    _take_effect(procedure, actor)
    return level


@transaction.atomic
def change_level(level_id: int, values: Mapping[str, Any], *, actor: Actor) -> list[str]:
    """Change a level; its position stays. Notices under way are read again before they leave. Raises LevelRefused."""
    procedure = _procedure_of(level_id)
    level = DunningLevel.objects.get(pk=level_id)
    wanted = {name: value for name, value in values.items() if name != "position"}
    changed_level = DunningLevel.objects.get(pk=level_id)
    for name, value in wanted.items():
        setattr(changed_level, name, value)
    _check(procedure, changed_level)
    changed = change_row(level, wanted, verb="level_changed", actor=actor)
    if changed:
        _take_effect(procedure, actor)
    return changed


@transaction.atomic
def remove_level(level_id: int, *, actor: Actor) -> None:
    """Only a level that no notice was ever made for: evidence and the memory of items point to the others."""
    procedure = _procedure_of(level_id)
    level = DunningLevel.objects.get(pk=level_id)
    if Notice.objects.filter(level=level).exists():
        raise DunningError(
            f"{level.name} has been used and notices refer to it, so it stays. Give it a high floor instead."
        )
    record("level_removed", level, actor=actor, text=f"{procedure}: level {level} removed")
    level.delete()
    _take_effect(procedure, actor)


@transaction.atomic
def activate(procedure_id: int, *, actor: Actor) -> DunningProcedure:
    """From now on it serves its clients. Its entry policy counts from today: what is open is there already."""
    procedure = DunningProcedure.objects.select_for_update().get(pk=procedure_id)
    if not procedure.levels.exists():
        raise DunningError("Add at least one level first: a procedure without levels says nothing to anybody.")
    if procedure.status != ProcedureStatus.ACTIVE:
        DunningProcedure.objects.filter(pk=procedure_id).update(switched_on=localdate())
    return _set_status(procedure, ProcedureStatus.ACTIVE, actor)


@transaction.atomic
def deactivate(procedure_id: int, *, actor: Actor) -> DunningProcedure:
    """Its clients are no longer dunned, until they are pinned elsewhere. The default one has to stay."""
    procedure = DunningProcedure.objects.select_for_update().get(pk=procedure_id)
    if procedure.is_default:
        raise DunningError(f"{procedure} is the default. Make another one the default first.")
    return _set_status(procedure, ProcedureStatus.INACTIVE, actor)


@transaction.atomic
def set_default(procedure_id: int, *, actor: Actor) -> DunningProcedure:
    """Serve every client that is not pinned to another."""
    procedures = {p.pk: p for p in DunningProcedure.objects.select_for_update().order_by("pk")}
    procedure = procedures[procedure_id]
    if procedure.status != ProcedureStatus.ACTIVE:
        raise DunningError(f"{procedure} is {procedure.get_status_display().lower()}. Activate it first.")
    if procedure.is_default:
        return procedure
    DunningProcedure.objects.filter(is_default=True).update(is_default=False)
    change_row(procedure, {"is_default": True}, verb="default_procedure_set", actor=actor)
    _take_effect(procedure, actor)
    return procedure


@transaction.atomic
def pin_client(client: Client, procedure: DunningProcedure | None, *, actor: Actor, reason: str = "") -> None:
    """Serve this client by this procedure until released; None releases him to segment rules and the default."""
    lock_client(client.pk)
    old = DunningAccount.objects.filter(client=client).select_related("procedure").first()
    if (old.procedure if old else None) == procedure:
        return
    if procedure is None:
        DunningAccount.objects.filter(client=client).delete()
        text = "Released to the default procedure"
    else:
        given = {"procedure": procedure, "reason": reason[:200]}
        DunningAccount.objects.update_or_create(client=client, defaults=given)
        text = f"Pinned to the procedure {procedure}" + (f": {reason}" if reason else "")
    wake([client.pk], localdate())
    before = {"procedure": old.procedure.name if old else None}
    after = {"procedure": procedure.name if procedure else None}
    record("procedure_pinned", client, actor=actor, client_id=client.pk, text=text, before=before, after=after)


def _procedure_of(level_id: int) -> DunningProcedure:
    return DunningProcedure.objects.select_for_update().get(levels__pk=level_id)


def _check(procedure: DunningProcedure, wanted: DunningLevel) -> None:
    others = [level for level in procedure.levels.all() if level.pk != wanted.pk]
    if problems := level_problems([level_record(level) for level in [*others, wanted]]):
        raise LevelRefused(problems)


def _set_status(procedure: DunningProcedure, status: ProcedureStatus, actor: Actor) -> DunningProcedure:
    change_row(procedure, {"status": status}, verb=f"procedure_{status.value}", actor=actor)
    _take_effect(procedure, actor)
    return procedure


def _take_effect(procedure: DunningProcedure, actor: Actor) -> None:
    """A new version, kept as it reads now; whoever owes something and is served by it is looked at again today."""
    DunningProcedure.objects.filter(pk=procedure.pk).update(version=F("version") + 1)
    _keep_version(procedure.pk, actor)
    look_again(procedure)


def _keep_version(procedure_id: int, actor: Actor) -> None:
    row = DunningProcedure.objects.get(pk=procedure_id)
    levels = [
        {field.name: _plain(getattr(level, field.name)) for field in level._meta.fields if field.name not in UNKEPT}
        for level in row.levels.all()
    ]
    limits = {name: _plain(getattr(row, name)) for name in ("name", "status", "is_default", "switched_on", *LIMITS)}
    content = {**limits, "levels": levels}
    ProcedureVersion.objects.create(procedure=row, number=row.version, content=content, made_by=user_or_none(actor))


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def look_again(procedure: DunningProcedure) -> None:
    """Its clients who owe something, in one UPDATE. Segment rules may serve anybody who is not pinned."""
    pinned = DunningAccount.objects.filter(client=OuterRef("pk"))
    items = InvoicePin.objects.filter(invoice__client=OuterRef("pk"), procedure=procedure)
    served = Exists(pinned.filter(procedure=procedure)) | Exists(items)
    if procedure.is_default or procedure.segment_rules.exists():
        served |= ~Exists(pinned)
    owes = Exists(Invoice.objects.filter(client=OuterRef("pk"), open_amount__gt=0))
    today = localdate()
    later = Q(review_on__gt=today) | Q(review_on__isnull=True)
    Client.objects.filter(later, served, owes).update(review_on=today)
