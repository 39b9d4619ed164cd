"""`manage.py schedule`: writes the periodic jobs of collections_app/schedule.py into the database and lists them."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from collections_app.schedule import JOBS, write_schedules


class Command(BaseCommand):
    help = "Writes the periodic jobs into the database, where the background workers find them."

    def handle(self, **options: object) -> None:
        changed = write_schedules()
        for job in JOBS:
            self.stdout.write(f"{job.cron:<14} {job.name} ({job.function})")
        self.stdout.write(f"{len(JOBS)} jobs, {changed} rows changed.")
