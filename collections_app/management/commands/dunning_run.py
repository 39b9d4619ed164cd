"""Propose notices for everyone whose time has come."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.timezone import localdate

from invoices.models import Client, Invoice
from invoices.rules.money import plain
from reminders.models import DunningRun
from reminders.queries.runs import notices_of_run
from reminders.services.dispatch import send_notices
from reminders.services.dunning_run import Decision, dry_run, dunning_run


class Command(BaseCommand):
    help = "Plan every client that is due and propose notices. --dry-run only prints; --send sends what is ready, too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD")
        parser.add_argument("--dry-run", action="store_true", help="Decide and print; change nothing.")
        parser.add_argument("--send", action="store_true", help="Send what is ready after the run.")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["on"] or localdate()
        report = dry_report(on) if options["dry_run"] else run_report(on)
        if options["send"] and not options["dry_run"]:
            report["sent"] = send_notices(on, limit=1_000_000).sent
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self._print(report)

    def _print(self, report: dict[str, Any]) -> None:
        self.stdout.write(f"{report['on']}: {report['looked_at']} clients looked at, {report['proposed']} notices.")
        for code, count in sorted(report["skipped"].items()):
            self.stdout.write(f"  {count:>8}  {code}")
        for notice in report["notices"][:50]:
            items = ", ".join(f"{item['invoice']} {item['amount']}" for item in notice["items"])
            self.stdout.write(f"  level {notice['level']} {notice['channel']:<7} {notice['client']}: {items}")
        if len(report["notices"]) > 50:
            self.stdout.write(f"  and {len(report['notices']) - 50} more; --json prints all.")
        for warning in report.get("warnings", []):
            self.stderr.write(f"Client {warning['client_id']} was left out: {warning['error']}")
        if "sent" in report:
            self.stdout.write(f"{report['sent']} sent.")


def run_report(on: date) -> dict[str, Any]:
    run = dunning_run(on)
    return report_of(run) | {"notices": notices_of_run(run)}


def report_of(run: DunningRun) -> dict[str, Any]:
    return {
        "on": run.on.isoformat(),
        "looked_at": run.looked_at,
        "proposed": run.proposed,
        "skipped": run.skipped,
        "warnings": run.warnings,
    }


def dry_report(on: date) -> dict[str, Any]:
    looked_at, skipped, notices = 0, Counter[str](), []
    for decision in dry_run(on):
        looked_at += 1
        notices.extend(printed(decision))
        if not decision.plan.proposals and decision.plan.reasons:
            skipped[decision.plan.reasons[0].code.value] += 1
    name_notices(notices)
    counts = {"looked_at": looked_at, "proposed": len(notices), "skipped": dict(skipped)}
    return {"on": on.isoformat(), **counts, "notices": notices}


def printed(decision: Decision) -> list[dict[str, Any]]:
    """The proposals of one client, with ids where names will stand."""
    return [
        {
            "client": decision.account.client_id,
            "level": proposal.level.position,
            "channel": proposal.level.channel,
            "items": [
                {"invoice": line.invoice_id, "level": line.position, "amount": plain(line.amount, line.currency)}
                for line in proposal.lines
            ],
        }
        for proposal in decision.plan.proposals
    ]


def name_notices(notices: list[dict[str, Any]]) -> None:
    """Put client codes and invoice numbers in place of ids."""
    codes = dict(Client.objects.filter(pk__in={n["client"] for n in notices}).values_list("pk", "code"))
    ids = {item["invoice"] for notice in notices for item in notice["items"]}
    numbers = dict(Invoice.objects.filter(pk__in=ids).values_list("pk", "number"))
    for notice in notices:
        notice["client"] = codes[notice["client"]]
        for item in notice["items"]:
            item["invoice"] = numbers[item["invoice"]]
