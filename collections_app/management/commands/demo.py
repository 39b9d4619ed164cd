"""`manage.py demo`: fill an empty database with an invented company."""

from __future__ import annotations

import time
from datetime import timedelta
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate

from collections_app.demo.charges import late_charges
from collections_app.demo.clock import clock_at
from collections_app.demo.company import HISTORY_DAYS, invent
from collections_app.demo.desk import Desk
from collections_app.demo.history import History, without_enclosures
from collections_app.demo.mailroom import mail_goes_nowhere
from collections_app.demo.scenes import STARTS
from collections_app.demo.setup import ACTOR, STAFF, found_company, take_in_clients
from collections_app.demo.stage import Playbill, Stage
from collections_app.greeting import DEMO_PASSWORD
from invoices.models import Client
from reminders.services.credit_reviews import make_review_tasks
from reminders.services.dunning_run import dunning_run


class Command(BaseCommand):
    help = "Fill an empty database with the demo company: clients, 18 months of invoices, dunning in every state."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clients", type=int, default=200, help="at least 20, at most 700")
        parser.add_argument("--invoices", type=int, default=3000)
        parser.add_argument("--seed", type=int, default=20, help="another seed, another company")

    def handle(self, *args: Any, **options: Any) -> None:
        if Client.objects.exists():
            raise CommandError(
                f"The demo company is for an empty database, and this one has {Client.objects.count()} clients. "
                "Point DATABASE_URL at a new one."
            )
        if not 20 <= options["clients"] <= 700 or options["invoices"] < options["clients"]:
            raise CommandError("Choose 20 to 700 clients, and at least as many invoices as clients.")
        started = time.monotonic()
        self._build(Random(options["seed"]), options["clients"], options["invoices"])
        self.stdout.write(f"The demo company is there, after {time.monotonic() - started:.0f} seconds.")
        for username, first, last, group, *_ in STAFF:
            self.stdout.write(f"  {username} / {DEMO_PASSWORD}   {first} {last}, {group}")

    def _build(self, rng: Random, clients: int, invoices: int) -> None:
        today = localdate()
        self.stdout.write(f"Inventing {clients} clients and {invoices} invoices ...")
        company = invent(rng, today, clients=clients, invoices=invoices)
        with clock_at(today - timedelta(days=HISTORY_DAYS + 1), 9):
            staff = found_company()
            take_in_clients(rng, company.clients, staff[1:3])
        with mail_goes_nowhere() as mailroom:
            scenes = Playbill(Stage(staff, company), STARTS)
            history = History(company, rng, Desk(rng, staff, company), mailroom, scenes)
            without_enclosures(lambda: history.live(self.stdout.write))
        late_charges(today, ACTOR)
        make_review_tasks(today)
        dunning_run(today)
