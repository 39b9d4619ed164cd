"""engine.md, section 1: each rule with its table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.chaseable import chaseable_items
from reminders.rules.planner import plan
from reminders.rules.reasons import sentence, stored
from reminders.rules.records import Account, Code

from .cases import LEVELS, PROCEDURE, TODAY, D, account, block, codes, day, item, pending, promise, said

MAIL_1, MAIL_2, MAIL_3 = ("email", [(1, 1)]), ("email", [(1, 2)]), ("email", [(1, 3)])
CALL, LETTER, DECISION = ("call", [(1, 4)]), ("letter", [(1, 5)]), ("decide", [(1, 6)])


def decide(*items, procedure=PROCEDURE, **given):
    return plan(account(*items, **given), procedure, TODAY)


# --- which level, and from when: 1.1 to 1.3


@pytest.mark.parametrize(
    ("it", "proposed"),
    [
        (item(-4), []),
        (item(-3), [MAIL_1]),
        (item(0), [MAIL_1]),  # due today is not past due
        (item(0, reached=1, reached_on=day(-3)), []),
        (item(1), [MAIL_2]),  # the friendly level is passed over
        (item(400), [MAIL_2]),  # never skipped, however old
        (item(1, reached=2, reached_on=day(0)), []),
        (item(6, reached=2, reached_on=day(-6)), []),  # not 7 days past due yet
        (item(7, reached=2, reached_on=day(-6)), [MAIL_3]),
        (item(7, reached=2, reached_on=day(-5)), []),  # the gap of 6 days runs from the real send
        (item(10, reached=3, reached_on=day(-3)), []),  # the call is passed over: 100 is below its floor
        (item(10, "250.00", reached=3, reached_on=day(-3)), [CALL]),
        (item(10, "250.00", reached=3, reached_on=day(-2)), []),
        (item(30, reached=3, reached_on=day(-23)), [LETTER]),
        (item(60, reached=5, reached_on=day(-30), deadline_on=day(-1)), [DECISION]),
        (item(60, reached=5, reached_on=day(-30), deadline_on=day(0)), []),  # the last day to pay is his
        (item(500, reached=6, reached_on=day(-400)), []),
    ],
)
def test_next_level(it, proposed):
    assert said(decide(it)) == proposed


@pytest.mark.parametrize(
    ("it", "again"),
    [
        (item(-4), day(1)),
        (item(0, reached=1, reached_on=day(-3)), day(1)),
        (item(7, reached=2, reached_on=day(-5)), day(1)),
        (item(10, reached=3, reached_on=day(-3)), day(20)),
        (item(60, reached=5, reached_on=day(-30), deadline_on=day(4)), day(5)),
        (item(500, reached=6, reached_on=day(-400)), None),
        (item(1), day(1)),
    ],
)
def test_date_to_look_again(it, again):
    assert decide(it).review_on == again


def test_nothing_due_says_what_comes_next_and_when():
    reason = decide(item(-4)).reasons[0]
    assert (reason.code, reason.figures["position"], reason.figures["on"]) == (Code.NEXT_LEVEL, 1, day(1))


def test_end_of_the_procedure_is_said():
    assert codes(decide(item(500, reached=6, reached_on=day(-400)))) == [Code.PROCEDURE_FINISHED]


def test_level_below_its_floor_is_passed_over_and_said():
    found = decide(item(30, reached=3, reached_on=day(-23)))
    assert codes(found) == [Code.LEVEL_DUE, Code.LEVEL_PASSED_OVER]
    assert found.reasons[1].figures["level"] == "Level 4"


def test_floor_is_of_all_that_the_client_owes_in_the_currency():
    late = item(10, reached=3, reached_on=day(-3))
    assert said(decide(late, item(-20, "150.00", pk=2))) == [CALL]
    assert said(decide(late, item(-20, "150.00", pk=2, currency="USD"))) == []


# --- one contact: 1.4


def test_one_notice_carries_everything_at_the_most_severe_level():
    found = decide(item(1), item(7, pk=2, reached=2, reached_on=day(-6)), item(-20, pk=3))
    assert said(found) == [("email", [(2, 3), (1, 2)])]
    assert found.proposals[0].level == LEVELS[2]
    assert found.proposals[0].others == ((3, D("100.00")),)


def test_decision_stands_beside_the_contact():
    finished = item(60, pk=2, reached=5, reached_on=day(-30), deadline_on=day(-5))
    assert said(decide(item(1), finished)) == [MAIL_2, ("decide", [(2, 6)])]


def test_decision_is_not_held_by_a_recent_contact():
    finished = item(60, pk=2, reached=5, reached_on=day(-30), deadline_on=day(-5))
    found = decide(item(1), finished, last_contact_on=TODAY)
    assert said(found) == [("decide", [(2, 6)])]
    assert Code.CONTACTED_RECENTLY in codes(found)


@pytest.mark.parametrize(
    ("last", "interval", "again"), [(0, 0, 1), (-1, 0, None), (-1, 3, 2), (-2, 3, 1), (-3, 3, None), (0, 1, 1)]
)
def test_contacts_keep_their_distance(last, interval, again):
    procedure = PROCEDURE._replace(minimum_interval_days=interval)
    found = decide(item(1), procedure=procedure, last_contact_on=day(last))
    assert said(found) == ([] if again else [MAIL_2])
    if again:
        assert (codes(found), found.review_on) == ([Code.CONTACTED_RECENTLY, Code.LEVEL_DUE], day(again))


def test_notice_under_way_is_waited_for():
    assert codes(decide(item(1), pending=pending())) == [Code.PENDING, Code.LEVEL_DUE]
    assert codes(decide(item(1), pending=pending("unknown"))) == [Code.OUTCOME_UNKNOWN, Code.LEVEL_DUE]


def test_mail_waits_for_an_address_but_a_call_does_not():
    assert codes(decide(item(1), is_contact_missing=True)) == [Code.CONTACT_MISSING, Code.LEVEL_DUE]
    assert said(decide(item(10, "300", reached=3, reached_on=day(-3)), is_contact_missing=True)) == [CALL]


# --- what may be asked for: 1.5 to 1.8


@pytest.mark.parametrize(
    ("it", "given", "amount", "code"),
    [
        (item(1), {}, "100.00", None),
        (item(1, disputed=D(30)), {}, "70.00", Code.DISPUTED),
        (item(1, disputed=D(100)), {}, None, Code.DISPUTED),
        (item(1, disputed=D(120)), {}, None, Code.DISPUTED),  # paid in part since
        (item(1, on_the_way=D(40)), {}, "60.00", Code.ON_THE_WAY),
        (item(1), {"credit": {"EUR": D(40)}}, "60.00", None),
        (item(1), {"credit": {"EUR": D(100)}}, None, Code.CREDIT_COVERS),
        (item(1), {"credit": {"USD": D(100)}}, "100.00", None),
        (item(1, "1.00"), {}, None, Code.BELOW_TOLERANCE),
        (item(1, "1.01"), {}, "1.01", None),
        (item(1), {"promises": (promise(0),)}, None, Code.PROMISED),
        (item(1), {"promises": (promise(-1),)}, "100.00", None),
        (item(1), {"promises": (promise(5, 2),)}, "100.00", None),
        (item(1), {"blocks": (block(0, invoice_id=1),)}, None, Code.BLOCKED),
        (item(1), {"blocks": (block(-1, invoice_id=1),)}, "100.00", None),
        (item(1), {"blocks": (block(None, invoice_id=1),)}, None, Code.BLOCKED),
        (item(1), {"blocks": (block(9, invoice_id=2),)}, "100.00", None),
        (item(1), {"blocks": (block(9, first=1, invoice_id=1),)}, "100.00", None),
    ],
)
def test_chaseable_amount(it, given, amount, code):
    chase = chaseable_items(account(it, **given), PROCEDURE._replace(tolerance_amount=D(1)), TODAY)
    assert [rest for _, rest in chase.items] == ([D(amount)] if amount else [])
    assert [reason.code for reason in chase.reasons] == ([code] if code else [])


def test_credit_pays_the_oldest_item_first():
    chase = chaseable_items(account(item(1), item(9, pk=2), credit={"EUR": D(150)}), PROCEDURE, TODAY)
    assert [(it.invoice_id, rest) for it, rest in chase.items] == [(1, D(50))]


def test_nothing_owed_withdraws_what_is_under_way():
    found = plan(Account(7), PROCEDURE, TODAY)
    assert (found.withdraws, found.review_on, codes(found)) == (True, None, [Code.NOTHING_OWED])


def test_invoice_dated_in_the_future_wakes_us_then():
    assert plan(Account(7, next_item_on=day(20)), PROCEDURE, TODAY).review_on == day(20)


@pytest.mark.parametrize(("last", "again"), [(0, day(1)), (12, day(13)), (None, None)])
def test_block_on_the_client_lasts_through_its_last_day(last, again):
    found = decide(item(1), blocks=(block(last),))
    assert (said(found), codes(found), found.review_on) == ([], [Code.BLOCKED, Code.LEVEL_DUE], again)


def test_block_that_has_ended_is_over():
    assert said(decide(item(1), blocks=(block(-1),))) == [MAIL_2]


def test_longest_of_several_blocks_counts():
    assert decide(item(1), blocks=(block(2), block(9), block(5))).review_on == day(10)


@pytest.mark.parametrize(
    ("channel", "proposed", "again"), [("email", [], day(3)), ("letter", [MAIL_2], day(1)), ("call", [MAIL_2], day(1))]
)
def test_block_on_a_channel_stops_that_channel_only(channel, proposed, again):
    found = decide(item(1), blocks=(block(2, channel=channel),))
    assert (said(found), found.review_on) == (proposed, again)


def test_channel_blocked_until_lifted_is_said():
    found = decide(item(1), blocks=(block(None, channel="email"),))
    assert (said(found), codes(found), found.review_on) == ([], [Code.BLOCKED], None)


def test_promise_wakes_us_the_day_after_its_grace():
    assert decide(item(1), promises=(promise(4),)).review_on == day(5)


def test_money_on_its_way_is_looked_at_again():
    assert decide(item(1, on_the_way=D(100))).review_on == day(7)


# --- calendar: 1.12


@pytest.mark.parametrize(
    ("today", "country", "region", "open_on"),
    [
        (date(2026, 3, 14), "", "", date(2026, 3, 16)),  # Saturday
        (date(2026, 4, 3), "GB", "ENG", date(2026, 4, 7)),  # Good Friday to Easter Monday
        (date(2026, 4, 6), "GB", "SCT", None),  # no holiday in Scotland
        (date(2026, 6, 4), "DE", "BY", date(2026, 6, 5)),  # Corpus Christi
        (date(2026, 6, 4), "DE", "BE", None),
    ],
)
def test_contacts_move_to_the_next_business_day(today, country, region, open_on):
    procedure = PROCEDURE._replace(is_business_days_only=True)
    late = item(1)._replace(due_on=date(2026, 3, 1))
    found = plan(account(late, country=country, region=region), procedure, today)
    assert bool(found.proposals) is (open_on is None)
    if open_on:
        assert (codes(found)[0], found.review_on) == (Code.NOT_A_BUSINESS_DAY, open_on)


# --- for every account


amounts = st.decimals(Decimal("0.01"), 1000, places=2)
offsets = st.integers(-90, 90)


@st.composite
def items(draw, pk=1):
    reached = draw(st.integers(0, 6))
    return item(
        draw(offsets),
        str(draw(amounts)),
        pk=pk,
        currency=draw(st.sampled_from(["EUR", "USD"])),
        disputed=draw(st.sampled_from([D(0), D(10), D(1000)])),
        on_the_way=draw(st.sampled_from([D(0), D(0), D(10)])),
        reached=reached,
        reached_on=day(-draw(st.integers(0, 60))) if reached else None,
        deadline_on=day(draw(st.integers(-20, 20))) if reached == 5 else None,
    )


@st.composite
def accounts(draw):
    count = draw(st.integers(0, 4))
    return Account(
        7,
        draw(st.sampled_from(["", "GB", "DE", "XX"])),
        items=tuple(draw(items(pk=pk)) for pk in range(1, count + 1)),
        credit=draw(st.dictionaries(st.sampled_from(["EUR", "USD"]), amounts, max_size=2)),
        blocks=tuple(
            block(
                draw(st.none() | st.integers(-5, 30)),
                first=-10,
                invoice_id=draw(st.none() | st.integers(1, 4)),
                channel=draw(st.sampled_from(["", "email", "call"])),
            )
            for _ in range(draw(st.integers(0, 2)))
        ),
        promises=tuple(
            promise(draw(st.integers(-5, 20)), draw(st.integers(1, 4))) for _ in range(draw(st.integers(0, 1)))
        ),
        pending=draw(st.none() | st.sampled_from([pending(), pending("unknown")])),
        last_contact_on=draw(st.none() | st.integers(-10, 0).map(day)),
        is_contact_missing=draw(st.booleans()),
        next_item_on=draw(st.none() | st.integers(1, 30).map(day)),
    )


procedures = st.builds(
    PROCEDURE._replace,
    minimum_interval_days=st.integers(0, 5),
    tolerance_amount=st.sampled_from([D(0), D(1)]),
    is_business_days_only=st.booleans(),
)


@given(accounts(), procedures)
def test_same_facts_give_the_same_plan(known, procedure):
    assert plan(known, procedure, TODAY) == plan(known, procedure, TODAY)


@given(accounts(), procedures)
def test_next_look_is_always_after_today(known, procedure):
    again = plan(known, procedure, TODAY).review_on
    assert again is None or again > TODAY


@given(accounts(), procedures)
def test_something_is_always_said_and_every_reason_is_a_sentence(known, procedure):
    reasons = plan(known, procedure, TODAY).reasons
    assert reasons or all(it.disputed + it.on_the_way >= it.open_amount for it in known.items)
    for reason in reasons:
        assert sentence(reason).endswith(".")
        assert stored(reason)["code"] == reason.code.value


@given(accounts(), procedures)
def test_silence_that_may_end_by_itself_has_a_date(known, procedure):
    found = plan(known, procedure, TODAY)
    waits = {Code.NEXT_LEVEL, Code.PROMISED, Code.PENDING, Code.OUTCOME_UNKNOWN, Code.CONTACTED_RECENTLY}
    waits |= {Code.NOT_A_BUSINESS_DAY, Code.CONTACT_MISSING, Code.ON_THE_WAY}
    is_stopped = any(b.last_on is None and b.invoice_id is None for b in known.blocks)
    if not found.proposals and waits & set(codes(found)) and not is_stopped:
        assert found.review_on is not None


@given(accounts(), procedures)
def test_lines_hold_chaseable_items_at_their_next_level(known, procedure):
    chaseable = {it.invoice_id: (it, rest) for it, rest in chaseable_items(known, procedure, TODAY).items}
    for proposal in plan(known, procedure, TODAY).proposals:
        for line in proposal.lines:
            it, rest = chaseable[line.invoice_id]
            assert (line.amount, line.cycle) == (rest, it.cycle)
            left_out = [lv for lv in LEVELS if it.reached < lv.position < line.position]
            mail_is_lost = known.is_contact_missing
            assert all(
                lv.days_past_due < 0 or lv.minimum_amount > 0 or (mail_is_lost and lv.channel == "email")
                for lv in left_out
            )
        assert not {line.invoice_id for line in proposal.lines} & {pk for pk, _ in proposal.others}


@given(accounts(), procedures)
def test_client_is_contacted_once_at_most(known, procedure):
    contacts = [p for p in plan(known, procedure, TODAY).proposals if p.level.channel != "decide"]
    assert len(contacts) <= 1
