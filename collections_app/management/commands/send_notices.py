"""Send what is ready."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.timezone import localdate

from reminders.services.dispatch import send_notices


class Command(BaseCommand):
    help = "Send every notice that is ready. Safe to run at any time, any number of times at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD")
        parser.add_argument("--limit", type=int, default=1_000_000)

    def handle(self, *args: Any, **options: Any) -> None:
        tally = send_notices(options["on"] or localdate(), limit=options["limit"])
        self.stdout.write(f"{tally.looked_at} looked at, {tally.sent} sent.")
