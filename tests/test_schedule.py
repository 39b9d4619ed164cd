"""The periodic jobs: what is in the table, and that it rings once however many look at it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from croniter import croniter
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler

from collections_app.schedule import JOBS, PREFIX, Job, write_schedules


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.function)
def test_job_names_a_function_and_a_time(job: Job) -> None:
    assert callable(import_string(job.function))
    assert croniter.is_valid(job.cron)


@pytest.mark.django_db
def test_writing_twice_leaves_one_row_each() -> None:
    assert (write_schedules(), write_schedules()) == (len(JOBS), 0)
    assert sorted(Schedule.objects.values_list("func", flat=True)) == sorted(job.function for job in JOBS)


@pytest.mark.django_db
def test_written_job_rings_at_its_next_time_not_at_once() -> None:
    write_schedules()
    assert not Schedule.objects.filter(next_run__lte=timezone.now()).exists()


@pytest.mark.django_db
def test_job_that_is_gone_is_removed_and_foreign_rows_stay() -> None:
    Schedule.objects.create(name=PREFIX + "old", func="reminders.tasks.old", schedule_type=Schedule.HOURLY)
    Schedule.objects.create(name="backup", func="shop.tasks.backup", schedule_type=Schedule.HOURLY)
    write_schedules()
    assert not Schedule.objects.filter(func="reminders.tasks.old").exists()
    assert Schedule.objects.filter(func="shop.tasks.backup").count() == 1


@pytest.mark.django_db
def test_changed_time_replaces_the_row() -> None:
    write_schedules()
    Schedule.objects.filter(func=JOBS[0].function).update(cron="0 0 1 1 *")
    write_schedules()
    assert Schedule.objects.get(func=JOBS[0].function).cron == JOBS[0].cron


def in_threads(work: object, times: int) -> None:
    def once(_: int) -> None:
        try:
            work()  # type: ignore[operator]
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        list(pool.map(once, range(times)))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_several_machines_writing_at_once_leave_one_row_each() -> None:
    in_threads(write_schedules, 4)
    assert Schedule.objects.count() == len(JOBS)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_several_clusters_ring_a_due_job_once() -> None:
    write_schedules()
    Schedule.objects.update(next_run=timezone.now() - timedelta(minutes=1))
    in_threads(scheduler, 4)
    assert OrmQ.objects.count() == len(JOBS)
