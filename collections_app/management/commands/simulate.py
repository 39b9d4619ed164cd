"""Try a procedure over the books, ahead or over a past period, without telling anybody."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate

from reminders.models import DunningProcedure
from reminders.services.simulating import first_problem, period_of, simulate_procedure


class Command(BaseCommand):
    help = "Say what a procedure would say to whom over days to come, or over a past period. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--procedure", metavar="NAME", help="A draft or an active one; the default when left out.")
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--from", dest="first_on", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD")
        parser.add_argument("--replay", action="store_true", help="Over past days, with the payments of that time.")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        days, today = options["days"], localdate()
        first_on = options["first_on"] or (today - timedelta(days=days) if options["replay"] else today)
        if problem := first_problem(first_on, days, today, is_replay=options["replay"]):
            raise CommandError(problem)
        period = period_of(first_on, days, is_replay=options["replay"])
        found = simulate_procedure(self._procedure(options["procedure"]), period)
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            self._print(found)

    def _procedure(self, name: str | None) -> DunningProcedure:
        rows = DunningProcedure.objects.filter(name=name) if name else DunningProcedure.objects.filter(is_default=True)
        procedure = rows.first()
        if procedure is None:
            known = ", ".join(DunningProcedure.objects.order_by("name").values_list("name", flat=True))
            what = f"no procedure called {name!r}" if name else "no default procedure"
            raise CommandError(f"There is {what}. There are: {known or 'none at all'}.")
        return procedure

    def _print(self, found: dict[str, Any]) -> None:
        here, current, differences = found["here"], found["current"], found["differences"]
        self.stdout.write(
            f"{found['procedure']}, {found['first_on']} to {found['last_on']}: {found['clients']} clients,"
            f" {here['proposed']} steps ({current['proposed']} under the procedures in force)."
        )
        for level in here["by_level"]:
            self.stdout.write(f"  {level['count']:>8}  level {level['position']} {level['channel']:<7} {level['name']}")
        for name, count in here["calls"].items():
            self.stdout.write(f"  {count:>8}  calls for {name}")
        self.stdout.write(f"  {here['over_budget']['clients']:>8}  clients over the contact budget")
        self.stdout.write(f"  {round(here['minutes'] / 60):>8}  hours of people, by estimate")
        same = ", ".join(f"{differences.get(kind, 0)} {kind}" for kind in ("more", "fewer", "otherwise", "same"))
        self.stdout.write(f"Clients who would hear differently: {same}.")
        for sentence in found["assumed"]:
            self.stdout.write(f"Assumed: {sentence}")
