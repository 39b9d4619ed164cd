"""`manage.py benchmark`: how long the work takes on many open invoices, beside plain SQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import SUPPRESS
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate

from collections_app.benchmark.pages import measure_pages
from collections_app.benchmark.scratch import scratch_database
from collections_app.benchmark.statements import statement_run
from collections_app.benchmark.steps import STEPS as LEDGER_STEPS
from collections_app.benchmark.steps import Size
from invoices.rules.calendar import next_business_day

STEPS = {**LEDGER_STEPS, "statements": statement_run}
ORDER = (*STEPS, "pages")
HEAD = f"{'step':<28}{'seconds':>9}{'p95':>9}{'peak MB':>9}{'SQL s':>9}{'ratio':>8}  what"


class Command(BaseCommand):
    help = (
        "Build a scratch database with many open invoices and time the work on it, each step in its own process. "
        "The configured database is not touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--invoices", type=int, default=100_000, help="open invoices")
        add("--clients", type=int, help="default: one for every ten invoices")
        add("--import-rows", type=int, help="rows of the imported file; default 100,000, or as many as --invoices")
        add("--database", default="sqlite", help="sqlite, postgres, or the URL of a PostgreSQL server")
        add("--only", nargs="+", choices=ORDER, default=ORDER, metavar="STEP", help=", ".join(ORDER))
        add("--keep", action="store_true", help="leave the scratch database and print its URL")
        add("--json", action="store_true")
        add("--step", help=SUPPRESS)  # in the child: do this one and print its figures
        add("--on", type=date.fromisoformat, help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        size = _size(options)
        if options["step"]:
            figures = measure_pages(size) if options["step"] == "pages" else [STEPS[options["step"]](size)]
            for one in figures:
                self.stdout.write(json.dumps(one.as_json()))
            return
        with scratch_database(options["database"], keep=options["keep"]) as env:
            if not options["json"]:
                self.stdout.write(f"Load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n{HEAD}")
            rows = [row for step in _chosen(options["only"]) for row in self._measure(step, size, env, options)]
            if options["json"]:
                self.stdout.write(json.dumps({"load_average": os.getloadavg()[0], "steps": rows}))
            if options["keep"]:
                self.stderr.write(f"Kept: DATABASE_URL={env['DATABASE_URL']} DATA_DIR={env['DATA_DIR']}")

    def _measure(self, step: str, size: Size, env: dict[str, str], options: dict[str, Any]) -> list[dict[str, Any]]:
        """Run the step in a process of its own; print its rows as they come."""
        numbers = ["--invoices", size.invoices, "--clients", size.clients, "--import-rows", size.import_rows]
        command = [
            sys.executable,
            settings.BASE_DIR / "manage.py",
            "benchmark",
            "--step",
            step,
            *numbers,
            "--on",
            size.on,
        ]
        done = subprocess.run([str(part) for part in command], env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CommandError(f"The step {step} failed:\n{done.stderr[-3000:]}")
        rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if not options["json"]:
            for row in rows:
                self.stdout.write(_printed(row))
        return rows


def _chosen(only: list[str]) -> list[str]:
    """In order; without the build nothing could be measured, and notices are sent that a run has proposed."""
    wanted = {"build", *only} | ({"normal-day"} if "dispatch" in only else set())
    return [step for step in ORDER if step in wanted]


def _size(options: dict[str, Any]) -> Size:
    invoices = options["invoices"]
    clients = options["clients"] or max(1, invoices // 10)
    if not 0 < clients <= invoices:
        raise CommandError("Choose at least one invoice, and at most as many clients as invoices.")
    on = options["on"] or next_business_day("GB", "", localdate())
    return Size(invoices, clients, options["import_rows"] or min(100_000, invoices), on, Path(settings.DATA_DIR))


def _printed(row: dict[str, Any]) -> str:
    def cell(value: float | None, width: int) -> str:
        return f"{value if value is not None else '':>{width}}"

    figures = cell(row["seconds"], 9) + cell(row["p95"], 9) + cell(row["peak_mb"], 9)
    return f"{row['step']:<28}{figures}{cell(row['sql_seconds'], 9)}{cell(row['ratio'], 8)}  {row['what']}"
