"""Everything the planner knows and answers, as plain records. `reminders.queries.accounts` fills the first half."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .guardrails import Profile, Touch
from .payruns import PayRuns

# --- what is known ----------------------------------------------------------------------------------------------------


class LaterPart(NamedTuple):
    due_on: date
    amount: Decimal


class Item(NamedTuple):
    """One open invoice and its memory. `reached` is the position of the last level it went through, 0 if none.

    Of an invoice in parts `due_on` and the memory are those of its current part; `later` are the parts after it.
    """

    invoice_id: int
    due_on: date
    open_amount: Decimal
    currency: str
    cycle: int = 1
    disputed: Decimal = Decimal(0)
    on_the_way: Decimal = Decimal(0)
    reached: int = 0
    reached_on: date | None = None
    deadline_on: date | None = None
    later: Sequence[LaterPart] = ()
    issued_on: date | None = None


class Block(NamedTuple):
    """`invoice_id` None: the whole client. `last_on` is inclusive; None: until lifted. `channel` empty: all."""

    reason: str
    first_on: date
    last_on: date | None
    invoice_id: int | None = None
    channel: str = ""


class Promise(NamedTuple):
    amount: Decimal
    currency: str
    promised_on: date
    grace_until: date
    invoice_ids: frozenset[int]


class PlanHold(NamedTuple):
    """A payment plan in force: its items are not dunned. `amount` and `due_on` are the instalment that comes next."""

    plan_id: int
    invoice_ids: frozenset[int]
    amount: Decimal
    currency: str
    due_on: date | None
    look_on: date | None  # when its verdict may change by itself


class Offered(NamedTuple):
    """A smaller sum that settles these items when it is paid by `expires_on`, that day included."""

    amount: Decimal
    currency: str
    expires_on: date
    invoice_ids: frozenset[int]


class Pending(NamedTuple):
    """A notice that is under way already."""

    notice_id: int
    status: str
    position: int


class PossiblePayment(NamedTuple):
    """Money on another account that may be this client's. `invoice_id`: the item that its reference names, if any."""

    receipt_id: int
    amount: Decimal
    currency: str
    received_on: date
    invoice_id: int | None = None


class Account(NamedTuple):
    """One client as the planner sees him."""

    client_id: int
    country: str = ""
    region: str = ""
    items: Sequence[Item] = ()
    credit: Mapping[str, Decimal] = {}  # currency -> money on account
    blocks: Sequence[Block] = ()
    promises: Sequence[Promise] = ()
    pending: Pending | None = None
    last_contact_on: date | None = None
    is_contact_missing: bool = False  # no address works, and a task asks for one
    next_item_on: date | None = None  # when the first of the invoices dated in the future comes in
    plans: Sequence[PlanHold] = ()
    settlements: Sequence[Offered] = ()
    debtor_type: str = ""
    rules: Sequence[Profile] = ()  # the contact profiles that apply to him
    history: Sequence[Touch] = ()  # lately
    closed: Mapping[str, str] = {}  # channel -> why none of his contacts may, or can, be reached by it
    pay_runs: PayRuns | None = None
    bank_data_on: date | None = None  # the newest receipt of anybody
    possible: Sequence[PossiblePayment] = ()
    pins: Mapping[int, Procedure] = {}  # invoice -> the procedure that serves it instead of the client's


class Entry(StrEnum):
    """Where items begin that were there before the procedure was switched on."""

    FIRST = "first"
    FITTING = "fitting"
    NEW_ONLY = "new_only"


class Level(NamedTuple):
    id: int
    position: int
    name: str
    days_past_due: int
    channel: str
    is_in_business_days: bool = False
    is_automatic: bool = True
    minimum_amount: Decimal = Decimal(0)
    deadline_days: int | None = None
    too_late_days: int = 3
    minimum_gap_days: int = 0


class TrialArm(NamedTuple):
    """`variant_id` names its row; a silent arm hears nothing of the level for `holdout_days`."""

    variant_id: int
    share: int
    is_holdout: bool = False
    holdout_days: int = 0


class Trial(NamedTuple):
    """An experiment that runs at a level. `assigned`: client -> when his arm was stored."""

    experiment_id: int
    name: str
    level_id: int
    seed: str
    arms: Sequence[TrialArm]
    assigned: Mapping[int, date] = {}


class Procedure(NamedTuple):
    """Limits that are None are switched off. `entry` says where items from before `switched_on` begin."""

    id: int
    name: str
    levels: Sequence[Level]
    minimum_interval_days: int = 0
    tolerance_amount: Decimal = Decimal(0)
    is_business_days_only: bool = False
    respects_contact_rules: bool = False
    entry: Entry = Entry.FIRST
    switched_on: date | None = None
    bank_freshness_days: int | None = None
    pay_run_limit_days: int | None = None
    trials: Sequence[Trial] = ()  # experiments that run at its levels


# --- what is answered -------------------------------------------------------------------------------------------------


class Code(StrEnum):
    """Why something is, or is not, said today. Stored and exported: add, never rename."""

    LEVEL_DUE = "level_due"
    NEXT_LEVEL = "next_level"
    NOTHING_OWED = "nothing_owed"
    NOT_YET_DUE = "not_yet_due"
    CREDIT_COVERS = "credit_covers"
    BELOW_TOLERANCE = "below_tolerance"
    DISPUTED = "disputed"
    ON_THE_WAY = "on_the_way"
    PROMISED = "promised"
    PAYMENT_PLAN = "payment_plan"
    SETTLEMENT_OFFERED = "settlement_offered"
    BLOCKED = "blocked"
    PENDING = "notice_pending"
    OUTCOME_UNKNOWN = "outcome_unknown"
    CONTACTED_RECENTLY = "contacted_recently"
    NOT_A_BUSINESS_DAY = "not_a_business_day"
    CONTACT_MISSING = "contact_missing"
    OVER_THE_CAP = "over_the_cap"
    AFTER_TALK = "after_talk"
    CLOSED_DAY = "closed_day"
    OUTSIDE_HOURS = "outside_hours"
    CHANNEL_CLOSED = "channel_closed"
    BANK_DATA_OLD = "bank_data_old"
    POSSIBLE_PAYMENT = "possible_payment"
    PAY_RUN = "pay_run"
    ENTRY_NEW_ONLY = "entry_new_only"
    ENTRY_FITTING = "entry_fitting"
    HOLDOUT = "holdout"
    LEVEL_PASSED_OVER = "level_passed_over"
    PROCEDURE_FINISHED = "procedure_finished"


class Reason(NamedTuple):
    """A code with its figures; `rules.reasons.sentence` puts it into words."""

    code: Code
    figures: Mapping[str, object] = {}


class Line(NamedTuple):
    """This notice takes this invoice to this level, over this chaseable amount."""

    invoice_id: int
    position: int
    amount: Decimal
    currency: str
    cycle: int


class Proposal(NamedTuple):
    """One notice to propose: the level speaks for the client, each line keeps its own level.

    `others` are the chaseable items that travel along: overdue and waiting for their level, or not due yet.
    """

    level: Level
    lines: tuple[Line, ...]
    send_before: date
    others: tuple[tuple[int, Decimal], ...] = ()


class Plan(NamedTuple):
    """What to do about a client today, and when to look again (None: nothing is owed or left to do)."""

    proposals: tuple[Proposal, ...]
    review_on: date | None
    reasons: tuple[Reason, ...]
    withdraws: bool = False  # nothing may be asked for now: a notice that is under way stops

    @property
    def contact(self) -> Proposal | None:
        """The one proposal that reaches the client; a decision is internal."""
        return next((p for p in self.proposals if p.level.channel != "decide"), None)
