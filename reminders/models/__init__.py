"""What to say, when, to whom: the tables. Shape only; `reminders.services` writes them."""

from .acknowledgement import Acknowledgement, AcknowledgementKind
from .block import BlockReason, DunningBlock
from .inbound import Consent, DeliveryEvent, Inbound, InboundKind, InboundStatus
from .learning import Assignment, Experiment, Variant
from .notice import DunningRun, Notice, NoticeAttachment, NoticeLine
from .outgoing import PENDING, OutgoingStatus
from .part import NoticePart
from .placement import Partner, PartnerKind, Placement, PlacementItem, PlacementStatus
from .procedure import (
    Approval,
    Channel,
    ContactProfile,
    DunningAccount,
    DunningLevel,
    DunningProcedure,
    EntryPolicy,
    InvoicePin,
    LevelKind,
    PayRunDays,
    ProcedureStatus,
    ProcedureVersion,
    SegmentRule,
)
from .promise import PromiseItem, PromiseStatus, PromiseToPay
from .simulation import Simulation, SimulationStatus
from .task import CallOutcome, CallTask, Outcome, Task, TaskKind, TaskStatus
from .words import MessageTemplate

__all__ = [
    "PENDING",
    "Acknowledgement",
    "AcknowledgementKind",
    "Approval",
    "Assignment",
    "BlockReason",
    "CallOutcome",
    "CallTask",
    "Channel",
    "Consent",
    "ContactProfile",
    "DeliveryEvent",
    "DunningAccount",
    "DunningBlock",
    "DunningLevel",
    "DunningProcedure",
    "DunningRun",
    "EntryPolicy",
    "Experiment",
    "Inbound",
    "InboundKind",
    "InboundStatus",
    "InvoicePin",
    "LevelKind",
    "MessageTemplate",
    "Notice",
    "NoticeAttachment",
    "NoticeLine",
    "NoticePart",
    "Outcome",
    "OutgoingStatus",
    "Partner",
    "PartnerKind",
    "PayRunDays",
    "Placement",
    "PlacementItem",
    "PlacementStatus",
    "ProcedureStatus",
    "ProcedureVersion",
    "PromiseItem",
    "PromiseStatus",
    "PromiseToPay",
    "SegmentRule",
    "Simulation",
    "SimulationStatus",
    "Task",
    "TaskKind",
    "TaskStatus",
    "Variant",
]
