"""An experiment from plan to figures: drawn before sending, held back once, counted by money alone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.timezone import localdate

from invoices.models import Client
from reminders.errors import DunningError
from reminders.models import Assignment, Experiment, Notice, Variant
from reminders.queries.learning import rates_by, results_of
from reminders.services.dunning_run import dry_run, dunning_run
from reminders.services.experiments import Arms, add_experiment, end_experiment, start_experiment
from reminders.services.explaining import explain_client
from tests import builders

pytestmark = pytest.mark.django_db

LEVELS = (
    {"name": "First reminder", "days_past_due": 1, "channel": "email", "template": "reminder"},
    {"name": "Demand", "days_past_due": 30, "channel": "letter", "kind": "demand", "template": "demand"},
    {"name": "Decide", "days_past_due": 60, "channel": "decide", "kind": "decision", "template": "decide"},
)
TODAY = localdate()


@pytest.fixture
def procedure() -> Any:
    builders.an_organisation()
    return builders.a_procedure(LEVELS)


def planned(procedure: Any, **arms: Any) -> Experiment:
    given = Arms(**({"silent_share": 50} | arms))
    return add_experiment(procedure.levels.get(position=1), name="Silence", question="", arms=given, actor="Fay")


def running(procedure: Any, **arms: Any) -> Experiment:
    return start_experiment(planned(procedure, **arms).pk, today=TODAY, actor="Fay")


def late_clients(procedure: Any, count: int) -> list[Client]:
    clients = [builders.follow(builders.a_client(), procedure) for _ in range(count)]
    for client in clients:
        builders.an_invoice(client, days_late=3)
    return clients


def test_every_client_is_drawn_before_anything_is_said(procedure: Any) -> None:
    experiment = running(procedure)
    clients = late_clients(procedure, 30)
    dunning_run(TODAY)
    drawn = {row.client_id: row for row in Assignment.objects.filter(experiment=experiment)}
    assert drawn.keys() == {client.pk for client in clients}
    told = set(Notice.objects.values_list("client_id", flat=True))
    assert told == {pk for pk, row in drawn.items() if not row.variant.is_holdout}
    assert 0 < len(told) < 30
    assert all(row.amount == 100 and len(row.invoice_ids) == 1 for row in drawn.values())


def test_silent_client_is_held_with_reason_until_the_end_and_then_told(procedure: Any) -> None:
    running(procedure, silent_share=90, silent_days=10)
    clients = late_clients(procedure, 10)
    dunning_run(TODAY)
    silent = Assignment.objects.filter(variant__is_holdout=True, client__in=clients).first()
    assert silent is not None
    client = Client.objects.get(pk=silent.client_id)
    assert client.review_on == TODAY + timedelta(days=10)
    assert "Left alone by chance" in explain_client(client.pk, TODAY + timedelta(days=5)).headline
    dunning_run(TODAY + timedelta(days=10))
    assert Notice.objects.get(client=client).variant is None


def test_arm_of_a_client_is_written_once(procedure: Any) -> None:
    experiment = running(procedure)
    late_clients(procedure, 5)
    dunning_run(TODAY)
    first = list(Assignment.objects.order_by("pk").values_list("pk", "client_id", "assigned_on"))
    Client.objects.update(review_on=TODAY + timedelta(days=1))
    dunning_run(TODAY + timedelta(days=1))
    assert list(Assignment.objects.order_by("pk").values_list("pk", "client_id", "assigned_on")) == first
    assert experiment.assignments.count() == 5


def test_dry_run_draws_nobody_and_says_what_the_run_then_does(procedure: Any) -> None:
    running(procedure)
    late_clients(procedure, 12)
    foretold = {d.account.client_id for d in dry_run(TODAY) if d.plan.proposals}
    assert not Assignment.objects.exists()
    dunning_run(TODAY)
    assert set(Notice.objects.values_list("client_id", flat=True)) == foretold


def test_other_words_are_those_of_the_arm(procedure: Any) -> None:
    running(procedure, silent_share=0, other_share=50, other_template="firm")
    late_clients(procedure, 20)
    dunning_run(TODAY)
    words = {notice.template for notice in Notice.objects.select_related("level", "variant")}
    assert words == {"reminder", "firm"}
    assert all(
        notice.template == (notice.variant.template or "reminder")
        for notice in Notice.objects.select_related("level", "variant")
    )


def test_experiment_that_was_not_started_draws_nobody(procedure: Any) -> None:
    planned(procedure)
    late_clients(procedure, 5)
    dunning_run(TODAY)
    assert Notice.objects.count() == 5
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(("position", "word"), [(2, "formal demand"), (3, "decision")])
def test_formal_letters_and_decisions_are_refused(procedure: Any, position: int, word: str) -> None:
    level = procedure.levels.get(position=position)
    with pytest.raises(DunningError, match=f"{word}: it is never held back"):
        add_experiment(level, name="No", question="", arms=Arms(silent_share=50), actor="Fay")


def test_level_that_became_a_demand_is_not_held_back(procedure: Any) -> None:
    running(procedure, silent_share=90)
    procedure.levels.filter(position=1).update(kind="demand")
    late_clients(procedure, 6)
    dunning_run(TODAY)
    assert Notice.objects.count() == 6


@pytest.mark.parametrize(
    ("arms", "words"),
    [
        ({"silent_share": 0}, "nothing to compare"),
        ({"silent_share": 60, "other_share": 60, "other_template": "firm"}, "give it between 1 and 99"),
        ({"silent_share": 0, "other_share": 50}, "Choose the other words"),
        ({"silent_share": 0, "other_share": 50, "other_template": "reminder"}, "words of the level already"),
    ],
)
def test_arms_that_compare_nothing_are_refused(procedure: Any, arms: dict[str, Any], words: str) -> None:
    with pytest.raises(DunningError, match=words):
        planned(procedure, **arms)
    assert not Experiment.objects.exists()


def test_second_experiment_at_a_level_is_refused_while_one_runs(procedure: Any) -> None:
    first, second = running(procedure), planned(procedure)
    with pytest.raises(DunningError, match="runs at this level"):
        start_experiment(second.pk, today=TODAY, actor="Fay")
    end_experiment(first.pk, today=TODAY, actor="Fay")
    assert start_experiment(second.pk, today=TODAY, actor="Fay").started_on == TODAY


def test_experiment_starts_once_and_ends_once(procedure: Any) -> None:
    experiment = running(procedure)
    with pytest.raises(DunningError, match="started before"):
        start_experiment(experiment.pk, today=TODAY, actor="Fay")
    end_experiment(experiment.pk, today=TODAY, actor="Fay")
    with pytest.raises(DunningError, match="does not run"):
        end_experiment(experiment.pk, today=TODAY, actor="Fay")


def test_ending_early_wakes_who_was_left_alone(procedure: Any) -> None:
    experiment = running(procedure, silent_share=90, silent_days=30)
    late_clients(procedure, 8)
    dunning_run(TODAY)
    end_experiment(experiment.pk, today=TODAY + timedelta(days=2), actor="Fay")
    dunning_run(TODAY + timedelta(days=2))
    assert Notice.objects.count() == 8


def test_other_procedures_are_not_touched(procedure: Any) -> None:
    running(procedure, silent_share=90)
    late_clients(builders.a_procedure(LEVELS), 6)
    dunning_run(TODAY)
    assert Notice.objects.count() == 6
    assert not Assignment.objects.exists()


# --- figures


def drawn(
    experiment: Experiment, variant: Variant, *, days_ago: int, pays_after: int | None, amount: str = "100"
) -> Any:
    """A client drawn so many days ago, who paid 100.00, or a part, after some days or not at all."""
    on = TODAY - timedelta(days=days_ago)
    client = builders.follow(builders.a_client(), experiment.procedure)
    invoice = builders.an_invoice(client, due_on=on - timedelta(days=2))
    if pays_after is not None:
        builders.a_receipt(client, amount, pays=invoice, on=on + timedelta(days=pays_after))
    return Assignment.objects.create(
        experiment=experiment, variant=variant, client=client, assigned_on=on, amount=Decimal(100), currency="GBP",
        invoice_ids=[invoice.pk],
    )  # fmt: skip


def test_only_money_in_time_counts_and_only_when_the_time_is_over(procedure: Any) -> None:
    experiment = running(procedure)
    usual, silent = experiment.variants.order_by("pk")
    drawn(experiment, usual, days_ago=20, pays_after=7)  # the last day counts
    drawn(experiment, usual, days_ago=20, pays_after=8)
    drawn(experiment, usual, days_ago=20, pays_after=3, amount="40")
    drawn(experiment, usual, days_ago=7, pays_after=1)  # the seventh day is not over
    drawn(experiment, silent, days_ago=20, pays_after=None)
    first, second = results_of(experiment, TODAY)
    week, fortnight = first.windows
    assert (first.assigned, week.arm, fortnight.arm) == (4, (3, 1), (3, 2))
    assert (week.came, week.asked) == ({"GBP": Decimal(140)}, {"GBP": Decimal(300)})
    assert (second.assigned, second.windows[0].arm) == (1, (1, 0))


def test_credit_note_is_no_payment(procedure: Any) -> None:
    experiment = running(procedure)
    usual = experiment.variants.order_by("pk")[0]
    row = drawn(experiment, usual, days_ago=20, pays_after=None)
    row.client.invoices.update(open_amount=0, closed_on=TODAY - timedelta(days=19))
    assert results_of(experiment, TODAY)[0].windows[0].arm == (1, 0)


def test_results_cost_the_same_for_many_clients(procedure: Any, django_assert_num_queries: Any) -> None:
    experiment = running(procedure)
    usual, silent = experiment.variants.order_by("pk")
    for n in range(6):
        drawn(experiment, (usual, silent)[n % 2], days_ago=20, pays_after=3)
    with django_assert_num_queries(3):
        results_of(experiment, TODAY)


def test_rates_count_invoices_settled_after_a_notice(procedure: Any) -> None:
    sent_on = TODAY - timedelta(days=20)
    for pays_after in (5, 10, 17):
        client = builders.follow(builders.a_client(segment="key"), procedure)
        invoice = builders.an_invoice(client, due_on=sent_on - timedelta(days=1))
        dunning_run(sent_on)
        Notice.objects.filter(client=client).update(status="sent", sent_on=sent_on)
        client.notices.get().lines.update(reached_on=sent_on)
        builders.a_receipt(client, "100", pays=invoice, on=sent_on + timedelta(days=pays_after))
    for what, label in (("level", "First reminder"), ("words", "reminder"), ("channel", "email"), ("segment", "key")):
        (rate,) = rates_by(what, TODAY)
        assert label in rate.label
        assert (rate.lines, rate.settled) == (3, (1, 2))
