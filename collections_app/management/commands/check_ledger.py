"""Recompute the books."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from invoices.queries.ledger import ledger_differences
from reminders.queries.integrity import memory_differences


class Command(BaseCommand):
    help = "Recompute every stored amount from the entries and name each difference. Exit 1 when there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for difference in (*ledger_differences(), *memory_differences()):
            found += 1
            self.stdout.write(str(difference))
        if found:
            raise CommandError(f"The books differ in {found} places.", returncode=1)
        self.stdout.write("The books agree with the entries.")
