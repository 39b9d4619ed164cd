"""Why a client hears, or does not hear, from us."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate

from invoices.models import Client, Invoice
from reminders.rules.reasons import stored
from reminders.services.explaining import Explanation, explain_client


class Command(BaseCommand):
    help = "Say what is decided for a client on a date, with every reason. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--client", metavar="CODE")
        which.add_argument("--invoice", metavar="NUMBER")
        parser.add_argument("--on", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        client = self._client(options)
        found = explain_client(client.pk, options["on"] or localdate())
        if options["json"]:
            self.stdout.write(json.dumps(as_json(client, found)))
            return
        self.stdout.write(f"{client.code} {client}: {found.headline}")
        for reason in found.reasons:
            self.stdout.write(f"  {reason}")

    def _client(self, options: dict[str, Any]) -> Client:
        if options["client"]:
            client = Client.objects.filter(code=options["client"]).first()
            if client is None:
                raise CommandError(f"There is no client with the code {options['client']!r}.")
            return client
        invoice = Invoice.objects.filter(number=options["invoice"]).select_related("client").first()
        if invoice is None:
            raise CommandError(f"There is no invoice with the number {options['invoice']!r}.")
        return invoice.client


def as_json(client: Client, found: Explanation) -> dict[str, Any]:
    return {
        "client": client.code,
        "on": found.on.isoformat(),
        "procedure": found.procedure.name if found.procedure else None,
        "headline": found.headline,
        "proposals": [
            {"level": p.level.position, "name": p.level.name, "channel": p.level.channel} for p in found.plan.proposals
        ],
        "review_on": found.review_on.isoformat() if found.review_on else None,
        "reasons": [
            stored(reason) | {"text": text} for reason, text in zip(found.plan.reasons, found.reasons, strict=True)
        ],
    }
