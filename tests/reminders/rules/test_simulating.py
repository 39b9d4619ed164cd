"""Days to come and days gone by, worked out by the planner alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reminders.rules.records import Level, Proposal
from reminders.rules.simulating import Happening, Movement, simulate
from reminders.rules.simulation_tally import Budget, Differences, Tally, is_over

from .cases import PROCEDURE, TODAY, D, account, block, day, item, pending, promise


def told(who, procedure=PROCEDURE, *, days: int = 90, movements=()):
    """(days from today, channel, [(invoice, level)])."""
    return [
        (
            (one.on - TODAY).days,
            one.proposal.level.channel,
            [(line.invoice_id, line.position) for line in one.proposal.lines],
        )
        for one in simulate(who, procedure, TODAY, day(days - 1), movements)
    ]


def paid(offset: int, amount: int, invoice_id: int | None = 1) -> Movement:
    return Movement(day(offset), invoice_id, "EUR", D(-amount))


def test_levels_follow_one_another_from_the_real_send() -> None:
    assert told(account(item(1, amount="300.00"))) == [
        (0, "email", [(1, 2)]),
        (6, "email", [(1, 3)]),
        (9, "call", [(1, 4)]),
        (29, "letter", [(1, 5)]),
        (59, "decide", [(1, 6)]),
    ]


def test_item_below_the_floor_gets_no_call() -> None:
    assert [channel for _, channel, _ in told(account(item(1)))] == ["email", "email", "letter", "decide"]


def test_deadline_of_a_letter_holds_the_next_level() -> None:
    levels = (*PROCEDURE.levels[:4], PROCEDURE.levels[4]._replace(deadline_days=45), PROCEDURE.levels[5])
    found = told(account(item(1)), PROCEDURE._replace(levels=levels))
    assert found[-2:] == [(29, "letter", [(1, 5)]), (75, "decide", [(1, 6)])]


def test_interval_moves_contacts_apart() -> None:
    who = account(item(1), item(7, pk=2, reached=2, reached_on=day(-6)))
    found = told(who, PROCEDURE._replace(minimum_interval_days=10), days=11)
    assert [offset for offset, _, _ in found] == [0, 10]


def test_payment_counts_from_the_day_after() -> None:
    assert told(account(item(1)), movements=[paid(5, 100)]) == [(0, "email", [(1, 2)])]
    assert len(told(account(item(1)), days=7, movements=[paid(6, 100)])) == 2


def test_money_that_comes_back_wakes_the_item_with_its_memory() -> None:
    found = told(account(item(1)), days=40, movements=[paid(0, 100), paid(19, -100)])
    assert found[:2] == [(0, "email", [(1, 2)]), (20, "email", [(1, 3)])]


def test_money_on_account_silences() -> None:
    assert told(account(item(1)), days=20, movements=[paid(-1, 100, None)]) == []


def test_invoice_that_comes_in_later_is_asked_for_then() -> None:
    who = account(item(-10, "0"))
    assert told(who, days=30, movements=[paid(4, -100)]) == [(7, "email", [(1, 1)]), (11, "email", [(1, 2)]),
                                                            (17, "email", [(1, 3)])]  # fmt: skip


def test_promise_and_block_end_by_themselves() -> None:
    assert told(account(item(1), promises=[promise(4)]), days=6) == [(5, "email", [(1, 2)])]
    assert told(account(item(1), blocks=[block(8)]), days=10) == [(9, "email", [(1, 2)])]


def test_what_is_under_way_leaves_on_the_first_day() -> None:
    who = account(item(1, reached=2, reached_on=None), pending=pending())
    assert told(who, days=10) == [(6, "email", [(1, 3)])]


def test_unknown_outcome_keeps_silent() -> None:
    assert told(account(item(1, reached=2, reached_on=None), pending=pending("unknown"))) == []


def happening(offset: int, channel: str = "email", position: int = 1) -> Happening:
    level = Level(position, position, f"Level {position}", 0, channel, is_automatic=channel != "letter")
    return Happening(day(offset), Proposal(level, (), day(offset + 3)))


@pytest.mark.parametrize(
    ("offsets", "over"),
    [([], False), ([0, 3, 6], False), ([0, 2, 4, 6], True), ([0, 2, 4, 7], False), ([0, 10, 11, 12, 16], True)],
)
def test_budget_is_three_contacts_in_seven_days(offsets: list[int], over: bool) -> None:
    assert is_over([day(offset) for offset in offsets], Budget(3, 7)) is over


def test_tally_counts_days_levels_calls_and_minutes() -> None:
    tally = Tally([Budget(1, 7)])
    tally.add("ACME", "Fay", [happening(0), happening(3, "call", 2)])
    tally.add("SLOWCO", "", [happening(0), happening(30, "letter", 3), happening(40, "decide", 4)])
    tally.add("QUIET", "", [])
    found = tally.as_json()
    assert found["proposed"] == 5
    assert found["contacted"] == 2
    assert found["by_day"][0] == {"on": TODAY.isoformat(), "email": 2}
    assert [(one["name"], one["count"]) for one in found["by_level"]] == [
        ("Level 1", 2), ("Level 2", 1), ("Level 3", 1), ("Level 4", 1)]  # fmt: skip
    assert found["calls"] == {"Fay": 1}
    assert found["over_budget"] == {"clients": 1, "first": ["ACME"]}
    assert found["minutes"] == 8 + 2 + 1 + 15


def test_tally_keeps_its_size_for_many_clients() -> None:
    tally = Tally([Budget(1, 7)])
    for number in range(1000):
        tally.add(f"C{number}", "Fay", [happening(0), happening(1)])
    found = tally.as_json()
    assert found["over_budget"]["clients"] == 1000
    assert len(found["over_budget"]["first"]) == 50


def test_differences_tell_more_fewer_otherwise_and_same() -> None:
    differences = Differences()
    one, two = [happening(0)], [happening(0), happening(7)]
    for here, there in ((two, one), (one, two), ([happening(1)], one), (one, one)):
        differences.add("ACME", here, there)
    found = differences.as_json()
    assert {key: found[key] for key in ("more", "fewer", "otherwise", "same")} == dict.fromkeys(
        ("more", "fewer", "otherwise", "same"), 1
    )


def test_replay_of_part_payments_asks_for_the_rest() -> None:
    found = list(simulate(account(item(1)), PROCEDURE, TODAY, day(10), [paid(2, 40)]))
    assert [one.proposal.lines[0].amount for one in found] == [Decimal(100), Decimal(60)]
