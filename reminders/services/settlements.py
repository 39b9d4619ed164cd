"""What collections does about settlements: the mails that tell of them, and what follows when one lapses."""

from __future__ import annotations

import logging
from datetime import date

from django.db import transaction

from invoices.models import Settlement, SettlementItem, SettlementStatus
from invoices.queries.settlements import paid_towards
from invoices.rules.money import plain
from invoices.services.settlements import expired_ids, lapse_settlement

from ..answering import AnswerLine
from ..models import AcknowledgementKind, TaskKind
from ..queries.settlements import not_told
from .answers import write_answer
from .tasks import make_task, settle_task

log = logging.getLogger(__name__)

MOST_AT_ONCE = 500


def lapse_settlements(today: date) -> int:
    """End the offers whose last day is over, each with a task to decide what comes next. Returns how many.

    One that cannot be ended is logged and holds back no other.
    """
    return sum(_lapse_or_log(pk, today) for pk in expired_ids(today))


def _lapse_or_log(settlement_id: int, today: date) -> bool:
    try:
        return _lapse(settlement_id, today)
    except Exception:
        log.exception("Settlement %s could not be ended", settlement_id)
        return False


@transaction.atomic
def _lapse(settlement_id: int, today: date) -> bool:
    row = lapse_settlement(settlement_id, on=today)
    if row is None:
        return False
    if not row.items.filter(invoice__open_amount__gt=0).exists():
        return True  # credited or paid otherwise: nothing is left to decide
    text = f"The settlement of {_figures(row)} was not paid by {row.expires_on:%d %B %Y}: all is owed again."
    make_task(row.client_id, TaskKind.DECIDE, due_on=today, text=text)
    return True


def acknowledge_settlements(today: date) -> int:
    """Tell clients of settlements offered and paid in the last week, once each. Returns how many were written."""
    offered, paid = SettlementStatus.OFFERED, SettlementStatus.PAID
    told = [_tell_offered(row) for row in not_told(offered, "settlement_offered", today)[:MOST_AT_ONCE]]
    told += [_tell_paid(row) for row in not_told(paid, "settlement_paid", today)[:MOST_AT_ONCE]]
    return sum(told)


def _tell_offered(row: Settlement) -> bool:
    facts = {
        "amount": row.amount,
        "currency": row.currency,
        "open_amount": row.open_amount,
        "last_on": row.expires_on,
        "lines": [AnswerLine(str(item.invoice), item.open_amount) for item in _items(row)],
    }
    kind = AcknowledgementKind.SETTLEMENT_OFFERED
    if write_answer(row.client, kind, f"settlement_offered:{row.pk}", None, facts) is None:
        return False
    settle_task(row.client_id, TaskKind.DECIDE, f"Settlement of {_figures(row)} by {row.expires_on:%d %B %Y} offered.")
    return True


def _tell_paid(row: Settlement) -> bool:
    facts = {
        "amount": paid_towards(row),
        "currency": row.currency,
        "lines": [AnswerLine(str(item.invoice), item.open_amount) for item in _items(row)],
    }
    kind = AcknowledgementKind.SETTLEMENT_PAID
    return write_answer(row.client, kind, f"settlement_paid:{row.pk}", None, facts) is not None


def _items(row: Settlement) -> list[SettlementItem]:
    return list(row.items.select_related("invoice").order_by("invoice__due_on", "invoice_id"))


def _figures(row: Settlement) -> str:
    return f"{plain(row.amount, row.currency)} {row.currency}"
