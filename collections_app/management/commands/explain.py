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
from reminders.services.recalling import Recalled, recall_client


class Command(BaseCommand):
    help = "Say what is, or was, decided for a client on a date, with every reason. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--client", metavar="CODE")
        which.add_argument("--invoice", metavar="NUMBER")
        parser.add_argument("--on", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        client = self._client(options)
        today = localdate()
        on = options["on"] or today
        found = explain_client(client.pk, on) if on >= today else recall_client(client.pk, on)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(client, found)))
            return
        self.stdout.write(f"{client.code} {client}: {found.headline}")
        for sentence in found.reasons if isinstance(found, Explanation) else said(found):
            self.stdout.write(f"  {sentence}")

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


def said(found: Recalled) -> list[str]:
    return [sentence for one in found.notices for sentence in one.why] + list(found.held)


def as_json(client: Client, found: Explanation | Recalled) -> dict[str, Any]:
    """`is_record`: what was decided then, as written down; else what would be decided from the books as they are."""
    if isinstance(found, Recalled):
        return {"client": client.code, "on": found.on.isoformat(), "is_record": True, **recalled(found)}
    return {
        "is_record": False,
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


def recalled(found: Recalled) -> dict[str, Any]:
    return {
        "headline": found.headline,
        "runs": found.runs,
        "notices": [
            {
                "level": one.notice.level.name,
                "channel": one.notice.channel,
                "status": one.notice.status,
                "proposed_on": one.notice.proposed_on.isoformat(),
                "sent_on": one.notice.sent_on.isoformat() if one.notice.sent_on else None,
                "reasons": [kept | {"text": text} for kept, text in zip(one.stored, one.why, strict=True)],
            }
            for one in found.notices
        ],
        "held": list(found.held),
        "events": [{"at": event.at.isoformat(), "text": event.text} for event in found.events],
    }
