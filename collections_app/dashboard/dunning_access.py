"""How the pages of dunning fetch what an address names; not there is 404."""

from __future__ import annotations

from typing import TypeVar

from django.http import Http404

from reminders.models import (
    CallOutcome,
    CallTask,
    DunningLevel,
    DunningProcedure,
    DunningRun,
    Experiment,
    Inbound,
    Notice,
    NoticeAttachment,
    NoticePart,
    Partner,
    Placement,
    PromiseToPay,
    Simulation,
    Task,
)

T = TypeVar("T")


def notice_for_staff(pk: int) -> Notice:
    return _found(
        Notice.objects.select_related("client", "level__procedure", "approved_by", "contact").filter(pk=pk).first()
    )


def attachment_for_staff(notice_id: int, pk: int) -> NoticeAttachment:
    return _found(NoticeAttachment.objects.filter(pk=pk, notice_id=notice_id).first())


def part_for_staff(notice_id: int, pk: int) -> NoticePart:
    return _found(NoticePart.objects.filter(pk=pk, notice_id=notice_id).first())


def call_for_staff(pk: int) -> CallTask:
    return _found(
        CallTask.objects.select_related("client__account_manager", "assigned_to", "notice__level").filter(pk=pk).first()
    )


def outcome_for_staff(pk: int) -> CallOutcome:
    return _found(CallOutcome.objects.select_related("client").filter(pk=pk).first())


def task_for_staff(pk: int) -> Task:
    return _found(Task.objects.select_related("client", "assigned_to", "closed_by").filter(pk=pk).first())


def promise_for_staff(pk: int) -> PromiseToPay:
    return _found(PromiseToPay.objects.select_related("client").filter(pk=pk).first())


def inbound_for_staff(pk: int) -> Inbound:
    return _found(Inbound.objects.select_related("client", "contact", "notice__level").filter(pk=pk).first())


def placement_for_staff(pk: int) -> Placement:
    rows = Placement.objects.select_related("client", "partner", "placed_by", "final_notice")
    return _found(rows.filter(pk=pk).first())


def partner_for_staff(pk: int) -> Partner:
    return _found(Partner.objects.filter(pk=pk).first())


def procedure_for_staff(pk: int) -> DunningProcedure:
    return _found(DunningProcedure.objects.prefetch_related("levels").filter(pk=pk).first())


def level_for_staff(pk: int) -> DunningLevel:
    return _found(DunningLevel.objects.select_related("procedure").filter(pk=pk).first())


def run_for_staff(pk: int) -> DunningRun:
    return _found(DunningRun.objects.filter(pk=pk).first())


def simulation_for_staff(pk: int) -> Simulation:
    return _found(Simulation.objects.select_related("procedure", "asked_by").filter(pk=pk).first())


def experiment_for_staff(pk: int) -> Experiment:
    return _found(Experiment.objects.select_related("procedure", "created_by").filter(pk=pk).first())


def _found(row: T | None) -> T:
    if row is None:
        raise Http404("There is nothing at this address.")
    return row
