"""What to say, when, to whom: the tables. Shape only; `reminders.services` writes them."""

from .acknowledgement import Acknowledgement, AcknowledgementKind
from .block import BlockReason, DunningBlock
from .notice import DunningRun, Notice, NoticeAttachment, NoticeLine
from .outgoing import PENDING, OutgoingStatus
from .procedure import (
    Approval,
    Channel,
    DunningAccount,
    DunningLevel,
    DunningProcedure,
    LevelKind,
    ProcedureStatus,
)
from .promise import PromiseItem, PromiseStatus, PromiseToPay
from .task import CallOutcome, CallTask, Outcome, Task, TaskKind, TaskStatus

__all__ = [
    "PENDING",
    "Acknowledgement",
    "AcknowledgementKind",
    "Approval",
    "BlockReason",
    "CallOutcome",
    "CallTask",
    "Channel",
    "DunningAccount",
    "DunningBlock",
    "DunningLevel",
    "DunningProcedure",
    "DunningRun",
    "LevelKind",
    "Notice",
    "NoticeAttachment",
    "NoticeLine",
    "Outcome",
    "OutgoingStatus",
    "ProcedureStatus",
    "PromiseItem",
    "PromiseStatus",
    "PromiseToPay",
    "Task",
    "TaskKind",
    "TaskStatus",
]
