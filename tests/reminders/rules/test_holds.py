"""What moves a due contact, what closes its channel, and where an item enters: each rule with its table."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from reminders.queries.profiles import shipped_profiles
from reminders.rules.guardrails import Cap, Counts, Profile, Touch, Where, Window, applicable
from reminders.rules.holds import refusal_reason
from reminders.rules.hours import Place, closed_at, local_times, zones_of
from reminders.rules.payruns import PayRuns
from reminders.rules.planner import plan
from reminders.rules.reasons import sentence
from reminders.rules.records import Code, Entry, PossiblePayment
from reminders.rules.selection import Segment, Who, choose

from .cases import PROCEDURE, TODAY, D, account, block, codes, day, item, said

STRICT = PROCEDURE._replace(respects_contact_rules=True)
MAILS = Profile("house", 3, "House", "us", date(2020, 1, 1), caps=(Cap(Counts.CONTACTS, 2, 7, "email"),))
TWO_MAILS = (Touch(day(-5), "email"), Touch(day(-2), "email"))
CALL_DUE = item(10, "300", reached=3, reached_on=day(-3))
NO_CALLS = {"call": "they asked not to be called"}


def decide(*items, procedure=PROCEDURE, today=TODAY, **given):
    return plan(account(*items, **given), procedure, today)


# --- contact rules


def test_cap_moves_the_notice_and_names_rule_version_and_figures():
    found = decide(procedure=STRICT, rules=(MAILS,), history=TWO_MAILS)
    reason = found.reasons[0]
    assert (said(found), reason.code, found.review_on) == ([], Code.OVER_THE_CAP, day(2))
    assert [reason.figures[key] for key in ("profile", "version", "had", "most", "days")] == ["house", 3, 2, 2, 7]
    assert sentence(reason).startswith("Rule house 3: 2 contacts in 7 days are enough")


def test_procedure_may_leave_the_contact_rules_alone():
    assert said(decide(rules=(MAILS,), history=TWO_MAILS)) == [("email", [(1, 2)])]


def test_call_waits_after_a_talk_and_a_mail_does_not():
    rules = (MAILS._replace(caps=(), quiet_days_after_talk=7),)
    talk = (Touch(day(-2), "call", is_talk=True),)
    found = decide(CALL_DUE, procedure=STRICT, rules=rules, history=talk)
    assert (codes(found)[0], found.review_on) == (Code.AFTER_TALK, day(5))
    assert said(decide(procedure=STRICT, rules=rules, history=talk)) == [("email", [(1, 2)])]


def test_day_without_any_hour_is_closed():
    tuesdays_off = MAILS._replace(windows={"email": (Window(frozenset({0, 2, 3}), *hours()),)})
    found = decide(procedure=STRICT, rules=(tuesdays_off,))
    assert (codes(found)[0], found.review_on) == (Code.CLOSED_DAY, day(1))


def hours():
    return datetime(2026, 1, 1, 8).time(), datetime(2026, 1, 1, 20).time()


def test_rule_that_holds_longest_comes_first_and_all_are_said():
    found = decide(procedure=STRICT, rules=(MAILS,), history=TWO_MAILS, last_contact_on=TODAY)
    assert codes(found) == [Code.OVER_THE_CAP, Code.CONTACTED_RECENTLY, Code.LEVEL_DUE]


# --- a channel that is closed


def test_refused_call_waits_for_the_next_level_that_can_go_out():
    found = decide(CALL_DUE, closed=NO_CALLS)
    assert (said(found), codes(found), found.review_on) == ([], [Code.CHANNEL_CLOSED], day(20))


def test_next_level_takes_the_place_of_a_refused_call():
    late = item(31, "300", reached=3, reached_on=day(-24))
    found = decide(late, closed=NO_CALLS)
    assert (said(found), codes(found)) == ([("letter", [(1, 5)])], [Code.LEVEL_DUE, Code.CHANNEL_CLOSED])


def test_lost_address_leads_to_the_call():
    bounced = item(10, "300", reached=2, reached_on=day(-9))
    assert said(decide(bounced, is_contact_missing=True)) == [("call", [(1, 4)])]


@pytest.mark.parametrize("days_late", [1, 7, 40, 400])
def test_who_opted_out_of_mail_gets_none(days_late):
    found = decide(item(days_late, "300"), closed={"email": "they asked not to be mailed"})
    assert all(proposal.level.channel != "email" for proposal in found.proposals)


# --- bank data, money elsewhere, pay runs

FRESH = PROCEDURE._replace(bank_freshness_days=3)


@pytest.mark.parametrize(
    ("it", "newest", "is_held"),
    [
        (item(1), day(-3), False),
        (item(1), day(-4), True),
        (item(1), None, False),  # nothing was ever received: there is no bank to wait for
        (item(-3), day(-40), False),  # the first level goes out
    ],
)
def test_old_bank_data_hold_back_all_but_the_first_level(it, newest, is_held):
    found = decide(it, procedure=FRESH, bank_data_on=newest)
    assert bool(found.proposals) is not is_held
    if is_held:
        assert (codes(found)[0], found.review_on) == (Code.BANK_DATA_OLD, day(1))


@pytest.mark.parametrize(("received", "again"), [(0, day(14)), (-13, day(1)), (-14, None)])
def test_money_elsewhere_stops_the_notice_for_two_weeks(received, again):
    found = decide(possible=(PossiblePayment(9, D(80), "EUR", day(received)),))
    assert bool(found.proposals) is (again is None)
    if again:
        assert (codes(found)[0], found.review_on) == (Code.POSSIBLE_PAYMENT, again)


PAYING = PROCEDURE._replace(pay_run_limit_days=10)


@pytest.mark.parametrize(
    ("days", "limit", "again"),
    [
        ((10, 20), 10, date(2026, 3, 18)),  # due on the day of a run, which is a Tuesday; the next is Friday the 20th
        ((10, 20), 5, None),  # too long a wait
        ((10, 20), None, None),
        ((31,), 10, None),  # not just after a run
    ],
)
def test_reminder_just_after_a_pay_run_waits_for_the_next(days, limit, again):
    procedure = PAYING._replace(pay_run_limit_days=limit)
    found = decide(item(1), procedure=procedure, pay_runs=PayRuns(days))
    assert bool(found.proposals) is (again is None)
    if again:
        assert (codes(found)[0], found.review_on) == (Code.PAY_RUN, again)
        later = decide(item(1), procedure=procedure, pay_runs=PayRuns(days), today=again)
        assert said(later) == [("email", [(1, 2)])]


def test_letter_does_not_wait_for_a_pay_run():
    late = item(30, reached=3, reached_on=day(-23))
    assert said(decide(late, procedure=PAYING, pay_runs=PayRuns((10, 20)))) == [("letter", [(1, 5)])]


# --- entry, pins, gaps


@pytest.mark.parametrize(
    ("days_late", "entry", "position"),
    [
        (40, Entry.FIRST, 2),
        (40, Entry.FITTING, 5),
        (8, Entry.FITTING, 3),
        (0, Entry.FITTING, 1),
        (400, Entry.FITTING, 5),  # a decision is nowhere to begin
    ],
)
def test_where_items_enter_that_were_there_before(days_late, entry, position):
    procedure = PROCEDURE._replace(entry=entry, switched_on=TODAY)
    (proposal,) = decide(item(days_late, "300"), procedure=procedure).proposals
    assert proposal.lines[0].position == position


def test_item_that_was_spoken_of_goes_on_where_it_was():
    procedure = PROCEDURE._replace(entry=Entry.FITTING, switched_on=TODAY)
    known = item(40, "300", reached=2, reached_on=day(-39))
    assert said(decide(known, procedure=procedure)) == [("email", [(1, 3)])]


@pytest.mark.parametrize(("issued", "is_left_out"), [(-1, True), (0, False)])
def test_new_items_only(issued, is_left_out):
    procedure = PROCEDURE._replace(entry=Entry.NEW_ONLY, switched_on=TODAY)
    found = decide(item(1, issued_on=day(issued)), procedure=procedure)
    assert (not found.proposals, Code.ENTRY_NEW_ONLY in codes(found)) == (is_left_out, is_left_out)


def test_pinned_invoice_follows_its_own_procedure():
    slow = PROCEDURE._replace(id=2, levels=PROCEDURE.levels[4:])
    found = decide(item(31), item(31, pk=2), pins={2: slow})
    assert said(found) == [("letter", [(1, 2), (2, 5)])]


def test_minimum_gap_adds_to_the_gap_of_the_levels():
    levels = tuple(lv._replace(minimum_gap_days=9) if lv.position == 3 else lv for lv in PROCEDURE.levels)
    known = item(20, reached=2, reached_on=day(-8))
    assert decide(known, procedure=PROCEDURE._replace(levels=levels)).review_on == day(1)


def test_blocked_channel_and_closed_channel_do_not_hide_each_other():
    found = decide(CALL_DUE, closed=NO_CALLS, blocks=(block(9, channel="letter"),))
    assert codes(found) == [Code.CHANNEL_CLOSED]


# --- the hour

RULES = shipped_profiles()


@pytest.mark.parametrize(
    ("zone", "country", "utc", "rule"),
    [
        ("Europe/London", "GB", "2026-06-10 07:30", None),  # 08:30 there
        ("Europe/London", "GB", "2026-06-10 05:59", "hours"),
        ("America/New_York", "US", "2026-06-10 09:00", "hours"),  # 05:00 there
        ("", "US", "2026-06-10 13:00", "hours"),  # 09:00 in New York, 03:00 in Honolulu
        ("", "US", "2026-06-10 20:00", None),  # 16:00 and 10:00
        ("Asia/Tokyo", "JP", "2026-06-12 22:30", "day"),  # Saturday there already
    ],
)
def test_hour_has_to_hold_wherever_the_client_may_be(zone, country, utc, rule):
    where = Where(country, "", "company")
    at = datetime.fromisoformat(utc).replace(tzinfo=ZoneInfo("UTC"))
    closed = closed_at(applicable(RULES, where, at.date()), "email", Place(where, zones_of(zone, country)), at)
    assert (closed.refusal.rule if closed else None) == rule


def test_opening_is_the_first_quarter_that_no_rule_refuses():
    where = Where("GB", "", "company")
    place = Place(where, zones_of("Europe/London", "GB"))
    at = datetime(2026, 6, 12, 20, 10, tzinfo=ZoneInfo("UTC"))  # Friday, 21:10 in London
    closed = closed_at(applicable(RULES, where, at.date()), "email", place, at)
    assert closed.opens_at.astimezone(ZoneInfo("Europe/London")).isoformat() == "2026-06-15T07:00:00+01:00"


def test_letters_are_posted_at_our_own_hour():
    where = Where("GB", "", "company")
    at = datetime(2026, 6, 13, 3, tzinfo=ZoneInfo("UTC"))
    assert closed_at(applicable(RULES, where, at.date()), "letter", Place(where, zones_of("", "GB")), at) is None


def test_clocks_that_agree_are_one():
    assert len(local_times(zones_of("", "DE"), datetime(2026, 6, 1, tzinfo=ZoneInfo("UTC")))) == 1
    assert zones_of("", "") == []
    assert zones_of("Nowhere/Land", "GB") == []


# --- which procedure

SEGMENTS = (
    Segment(1, 10, country="DE", debtor_type="consumer"),
    Segment(2, 11, currency="GBP", minimum=Decimal(1000), maximum=Decimal(5000)),
    Segment(3, 12, segment="Key account"),
)


@pytest.mark.parametrize(
    ("who", "procedure_id", "because"),
    [
        (Who(country="DE", debtor_type="consumer", pinned_to=99), 99, "because the client is pinned to it"),
        (Who(country="DE", debtor_type="consumer"), 10, "by segment rule 1: DE, consumer"),
        (Who(country="DE", debtor_type="company"), 1, "the default"),
        (Who(currency="GBP", owed=D(1000)), 11, "by segment rule 2: GBP, owes 1000 or more, owes less than 5000"),
        (Who(currency="GBP", owed=D(5000)), 1, "the default"),
        (Who(segment="key ACCOUNT"), 12, "by segment rule 3: Key account"),
    ],
)
def test_which_procedure_serves_a_client(who, procedure_id, because):
    assert choose(who, SEGMENTS, 1) == (procedure_id, because)


def test_without_a_default_nobody_is_served_by_accident():
    assert choose(Who(), SEGMENTS, None).procedure_id is None


def test_closed_hour_is_said_with_the_hours_and_the_clock():
    where = Where("GB", "", "company")
    at = datetime(2026, 6, 10, 4, tzinfo=ZoneInfo("UTC"))
    closed = closed_at(applicable(RULES, where, at.date()), "email", Place(where, zones_of("", "GB")), at)
    assert sentence(refusal_reason(closed.refusal)) == (
        "Rule default 1: email only from 07:00 to 21:00 where the client is; it is Wed 05:00."
    )
