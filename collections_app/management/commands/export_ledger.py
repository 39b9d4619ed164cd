"""The general ledger of a period: control totals, or every entry as CSV."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from collections_app.dashboard.exports import csv_lines
from collections_app.ledger_columns import COLUMNS
from invoices.queries.general_ledger import ControlTotals, control_totals, entries_of
from invoices.rules.money import plain
from invoices.rules.periods import Period
from invoices.services.ledger_export import ledger_rows


class Command(BaseCommand):
    help = (
        "Print the control totals of a period per currency and kind; with --csv every entry, with --json the totals "
        "as JSON. Exit 1 when opening + movements is not open items less money on account."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first_on", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        parser.add_argument("--to", dest="last_on", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
        forms = parser.add_mutually_exclusive_group()
        forms.add_argument("--csv", action="store_true", help="one row per entry")
        forms.add_argument("--json", action="store_true", help="the control totals")

    def handle(self, *args: Any, **options: Any) -> None:
        period = Period(options["first_on"], options["last_on"])
        if period.last_on < period.first_on:
            raise CommandError(f"The period ends on {period.last_on}, before it begins on {period.first_on}.")
        if options["csv"]:
            for line in csv_lines(COLUMNS, ledger_rows(entries_of(period))):
                self.stdout.write(line, ending="")
            return
        totals = control_totals(period)
        if options["json"]:
            self.stdout.write(json.dumps(as_record(period, totals)))
        else:
            self._print(period, totals)
        if wrong := [one.currency for one in totals if one.difference]:
            raise CommandError(f"The totals do not agree in {', '.join(wrong)}. Run check_ledger.", returncode=1)

    def _print(self, period: Period, totals: list[ControlTotals]) -> None:
        self.stdout.write(f"Ledger from {period.first_on} to {period.last_on}")
        if not totals:
            self.stdout.write("Nothing is booked by then.")
        for one in totals:
            self._line(one.currency, "opening", one.opening)
            for kind in one.kinds:
                self._line(one.currency, kind.kind.label.lower(), kind.amount, f"{kind.entries} entries")
            self._line(one.currency, "closing", one.closing, f"{one.entries} entries")
            self._line(one.currency, "open items", one.open_items)
            self._line(one.currency, "on account", -one.on_account)
            self._line(one.currency, "difference", one.difference)

    def _line(self, currency: str, what: str, amount: Any, more: str = "") -> None:
        self.stdout.write(f"{currency}  {what:<20} {plain(amount, currency):>18}  {more}".rstrip())


def as_record(period: Period, totals: list[ControlTotals]) -> dict[str, Any]:
    return {
        "from": period.first_on.isoformat(),
        "to": period.last_on.isoformat(),
        "currencies": {one.currency: _currency(one) for one in totals},
    }


def _currency(one: ControlTotals) -> dict[str, Any]:
    names = ("opening", "closing", "open_items", "on_account", "difference")
    amounts = {name: plain(getattr(one, name), one.currency) for name in names}
    kinds = {k.kind.value: {"entries": k.entries, "amount": plain(k.amount, one.currency)} for k in one.kinds}
    return {**amounts, "entries": one.entries, "kinds": kinds}
