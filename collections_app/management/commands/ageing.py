"""Open items by days past due, as of any date."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.timezone import localdate

from invoices.queries.ageing import aged_balances, aged_totals
from invoices.rules.ageing import BUCKETS, AgedBalance
from invoices.rules.money import plain


class Command(BaseCommand):
    help = "Print open items by days past due: per currency, and with --by client per client."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD")
        parser.add_argument("--by", choices=["client"])
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = options["as_of"] or localdate()
        totals, clients = aged_balances(as_of) if options["by"] else (aged_totals(as_of), {})
        report: dict[str, Any] = {"as_of": as_of.isoformat(), "currencies": _by_currency(totals)}
        if options["by"] == "client":
            report["clients"] = _by_client(clients)
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self._print(report)

    def _print(self, report: dict[str, Any]) -> None:
        self.stdout.write(f"Open items as of {report['as_of']}")
        if not report["currencies"]:
            self.stdout.write("Nothing was open on that day.")
        for currency, row in report["currencies"].items():
            self.stdout.write(
                f"{currency}  open {row['open_amount']}  items {row['open_items']}  credit {row['credit']}"
            )
            for name, bucket in row["buckets"].items():
                self.stdout.write(f"  {name:>8}  {bucket['amount']:>18}  {bucket['items']:>8} items")
        for row in report.get("clients", []):
            self.stdout.write(
                f"{row['client']:<24} {row['currency']} {row['open_amount']:>16} overdue {row['overdue_amount']:>16}"
                f"  items {row['open_items']:>5}  oldest {row['oldest_days_past_due']}"
            )


def _by_currency(totals: dict[str, AgedBalance]) -> dict[str, Any]:
    return {
        currency: {
            "open_items": row.open_items,
            "open_amount": plain(row.open_amount, currency),
            "credit": plain(row.credit, currency),
            "buckets": {
                name: {"items": row.buckets[name].items, "amount": plain(row.buckets[name].amount, currency)}
                for name in BUCKETS
            },
        }
        for currency, row in sorted(totals.items())
    }


def _by_client(clients: dict[tuple[str, str], AgedBalance]) -> list[dict[str, Any]]:
    """Largest open amount first, within each currency."""
    ordered = sorted(clients.items(), key=lambda pair: (pair[0][1], -pair[1].open_amount, pair[0][0]))
    return [
        {
            "client": code,
            "currency": currency,
            "open_amount": plain(row.open_amount, currency),
            "overdue_amount": plain(row.overdue_amount, currency),
            "open_items": row.open_items,
            "oldest_days_past_due": row.oldest_days_past_due,
        }
        for (code, currency), row in ordered
    ]
