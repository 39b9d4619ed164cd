"""The periodic jobs, and how they get into django-q2.

Schedules are alarm clocks only: each job is a tick that works out from the database what is due, so one that rings
twice, or late, does no harm. What django-q2 1.11 does, read from its source (scheduler.py, models.py):

- every cluster looks at the table twice a minute, inside a transaction with `select_for_update()`. On PostgreSQL the
  second cluster waits, then sees `next_run` already moved; on SQLite our transactions begin IMMEDIATE, which comes to
  the same. So two clusters queue a job once. (With Redis as broker the task is queued before the commit: a crash in
  between rings twice.)
- cron expressions need the package croniter, are read in TIME_ZONE, and go on from now, so a long stop rings once.
- the table has no unique name, therefore `write_schedules` takes a lock of its own.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection, transaction
from django_q.models import Schedule

PREFIX = "collections: "  # marks the rows that are ours; others are left alone
LOCK = 7_260_413  # any number that no other advisory lock of this product uses


class Job(NamedTuple):
    name: str
    function: str
    cron: str


JOBS = (
    Job("plan who hears what", "reminders.tasks.dunning_run", "5 * * * *"),
    Job("send what is ready", "reminders.tasks.send_notices", "* * * * *"),
    Job("work out simulations", "reminders.tasks.run_simulations", "* * * * *"),
    Job("judge promises", "reminders.tasks.judge_promises", "15 6 * * *"),
    Job("give calls that nobody made to the team", "reminders.tasks.escalate_calls", "10 6 * * *"),
    Job("ask for reviews of hardship", "reminders.tasks.ask_for_hardship_reviews", "20 6 * * *"),
    Job("close placements that were paid", "reminders.tasks.close_placements", "25 6 * * *"),
    # Hourly in the day: what a stopped machine left is caught up, and nobody hears of an instalment at night.
    Job("judge payment plans", "reminders.tasks.judge_plans", "50 6-17 * * *"),
    # Before the first run of the day, which then asks for all of it again.
    Job("let settlements lapse", "reminders.tasks.lapse_settlements", "2 0,6 * * *"),
    Job("draft late charges", "reminders.tasks.draft_charges", "30 5 * * *"),
    # In office hours: an invoice that arrives at night looks like a mistake, and a refused one is tried again.
    Job("issue recurring invoices", "invoices.tasks.issue_recurring", "*/10 6-19 * * *"),
    Job("find stale claims", "reminders.tasks.find_stale_claims", "*/10 * * * *"),
    Job("read the mailbox", "reminders.tasks.read_mailbox", "* * * * *"),
    Job("acknowledge payments", "reminders.tasks.send_acknowledgements", "* * * * *"),
    # In portions, every morning: a machine that was off when a period ended writes its statements later, none twice.
    Job("write the statements", "reminders.tasks.send_statements", "*/10 6-8 * * *"),
    Job("ask for credit reviews and talks", "reminders.tasks.make_review_tasks", "45 5 * * *"),
    Job("ask the card processor", "invoices.tasks.poll_payments", "*/5 * * * *"),
    Job("work off payment events", "invoices.tasks.process_events", "* * * * *"),
    Job("ask for refunds", "invoices.tasks.send_refunds", "* * * * *"),
    Job("tell what happened to payments", "reminders.tasks.tell_payments", "* * * * *"),
    Job("reconcile payouts", "invoices.tasks.read_payouts", "40 4 * * *"),
)


@transaction.atomic
def write_schedules() -> int:
    """Makes the table hold exactly JOBS beside foreign rows, one row each; returns how many rows changed.

    Safe to run again and from several machines at once. A job that stays as it was keeps its next run.
    """
    _lock_out_other_writers()
    rows = Schedule.objects.select_for_update().filter(name__startswith=PREFIX).order_by("pk")
    unclaimed = {(row.name, row.func, row.cron): row for row in rows}
    kept = [unclaimed[key].pk for job in JOBS if (key := _key(job)) in unclaimed]
    changed, _ = rows.exclude(pk__in=kept).delete()
    for job in JOBS:
        if _key(job) not in unclaimed:
            # No next_run given: for a new cron row Schedule.save() sets it to the next time by the clock.
            name, function, cron = _key(job)
            Schedule.objects.create(name=name, func=function, cron=cron, schedule_type=Schedule.CRON)
            changed += 1
    return changed


def _key(job: Job) -> tuple[str, str, str]:
    return PREFIX + job.name, job.function, job.cron


def _lock_out_other_writers() -> None:
    if connection.vendor == "postgresql":  # SQLite has one writer at a time anyway
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
