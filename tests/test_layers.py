"""The shape of the code base, checked. See README: "Which way imports go"."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.layers import APPS, RULES, Module, Rule, violations

ROOT = Path(__file__).parent.parent
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for app in APPS
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.parts
)

# One planted violation a line: the rule that must find it, the file it is planted in, the source.
PLANTED = [
    ("imports_point_downwards", "invoices/services/issuing.py", "from reminders.services import dispatch"),
    ("imports_point_downwards", "reminders/queries.py", "import collections_app.settings"),
    ("imports_point_downwards", "invoices/models/client.py", "from reminders import queries"),
    ("rules_are_pure", "reminders/rules/planner.py", "from django.utils import timezone"),
    ("rules_are_pure", "reminders/rules/planner.py", "from ..models import Notice"),
    ("rules_are_pure", "reminders/rules/planner.py", "from .. import queries"),
    ("rules_are_pure", "reminders/rules/planner.py", "import random"),
    ("rules_are_pure", "reminders/rules/planner.py", "from os import path"),
    ("rules_are_pure", "reminders/rules/planner.py", "import requests"),
    ("rules_are_pure", "reminders/rules/planner.py", "from datetime import date\nday = date.today()"),
    ("rules_are_pure", "invoices/rules/formats/csv.py", "text = open('x').read()"),
    ("models_are_shape", "invoices/models/client.py", "from invoices.services import issuing"),
    ("models_are_shape", "invoices/models/client.py", "class Client:\n    def save(self): ..."),
    ("queries_only_read", "invoices/queries.py", "Client.objects.filter(pk=1).update(name='x')"),
    ("queries_only_read", "invoices/queries.py", "from .services import issuing"),
    ("services_see_no_request", "invoices/services/issuing.py", "from django.http import HttpRequest"),
    ("services_see_no_request", "invoices/services/issuing.py", "def issue(request): ..."),
    ("channels_do_not_know_the_database", "reminders/channels/email.py", "from reminders.models import Notice"),
    ("channels_do_not_know_the_database", "invoices/gateways/pdf.py", "from django.db import transaction"),
    ("only_channels_and_gateways_reach_outside", "reminders/services/dispatch.py", "import smtplib"),
    ("only_channels_and_gateways_reach_outside", "collections_app/portal/pay.py", "from stripe import StripeClient"),
    ("tasks_only_say_when", "reminders/tasks.py", "from .models import Notice"),
    ("tasks_only_say_when", "reminders/tasks.py", "def tick():\n    for one in (): print(one)"),
    ("faces_do_not_write", "collections_app/dashboard/calls.py", "CallTask.objects.create(client=1)"),
    ("faces_do_not_write", "collections_app/portal/pay.py", "form.save()"),
    ("faces_do_not_write", "collections_app/api/hooks.py", "from invoices.gateways import cards"),
    ("no_bare_save", "reminders/services/calls.py", "task.save()"),
    ("no_imports_inside_functions", "reminders/services/calls.py", "def f():\n    import json"),
    ("no_star_imports", "reminders/services/calls.py", "from .blocks import *"),
    ("no_signals", "invoices/models/client.py", "from django.db.models.signals import post_save"),
    ("no_signals", "collections_app/hooks.py", "from django.dispatch import receiver"),
]
CLEAN = [
    ("reminders/rules/planner.py", "import datetime\nfrom invoices.rules.money import Money\nfrom . import timing"),
    ("reminders/services/calls.py", "from ..models import CallTask\ntask.save(update_fields=['state'])"),
    ("reminders/tasks.py", "from reminders.services import dispatch\ndef tick():\n    return dispatch.send()"),
    ("collections_app/portal/pay.py", "from invoices.services import receipts\nreceipts.record(amount=1)"),
]


@pytest.mark.parametrize("path", FILES)
def test_file_keeps_to_its_layer(path: str) -> None:
    assert violations(Module(path, (ROOT / path).read_text())) == []


@pytest.mark.parametrize(("rule", "path", "source"), PLANTED)
def test_planted_violation_is_found_by_its_rule(rule: str, path: str, source: str) -> None:
    found = violations(Module(path, source))
    assert any(line.endswith(f"({rule})") for line in found)


@pytest.mark.parametrize(("path", "source"), CLEAN)
def test_clean_source_is_left_alone(path: str, source: str) -> None:
    assert violations(Module(path, source)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_has_a_planted_violation(rule: Rule) -> None:
    assert rule.__name__ in {name for name, _, _ in PLANTED}


def test_the_checker_reads_all_three_apps() -> None:
    assert {path.split("/")[0] for path in FILES} == set(APPS)
