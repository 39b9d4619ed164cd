"""The benchmark on a small ledger: every step runs, in its own database."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command

from collections_app.benchmark.steps import STEPS
from invoices.models import Client


@pytest.mark.django_db
def test_benchmark_measures_every_step_and_leaves_our_database_alone() -> None:
    out = io.StringIO()
    call_command("benchmark", "--invoices", "500", "--import-rows", "200", "--json", stdout=out)
    steps = {row["what"]: row for row in json.loads(out.getvalue())["steps"]}
    assert len(steps) >= len(STEPS) + 8
    assert "1 clients looked at, 1 notices" in steps  # the normal day
    assert all(row["seconds"] > 0 and row["peak_mb"] > 0 for row in steps.values())
    assert not Client.objects.exists()


def test_benchmark_refuses_more_clients_than_invoices() -> None:
    with pytest.raises(Exception, match="at most as many clients as invoices"):
        call_command("benchmark", "--invoices", "5", "--clients", "6")
