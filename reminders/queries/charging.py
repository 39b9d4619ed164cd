"""Who is spared late charges by what collections knows, and who had the letter that some fixed sums presuppose."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import F, Q

from invoices.models import DebtorType

from ..models import BlockReason, DunningBlock, NoticeLine, OutgoingStatus

# In hardship, breathing space or insolvency nothing is added to what is owed.
SPARING = (BlockReason.HARDSHIP, BlockReason.BREATHING_SPACE, BlockReason.INSOLVENCY)
LETTER_DAYS = timedelta(days=14)


def spared_by_blocks(on: date) -> tuple[frozenset[int], frozenset[int]]:
    """Clients, and invoices of others, under a block in force whose reason forbids charges. Whatever its channel."""
    rows = DunningBlock.objects.filter(
        Q(last_on__isnull=True) | Q(last_on__gte=on), reason__in=SPARING, first_on__lte=on, lifted_at__isnull=True
    )
    found = list(rows.values_list("client_id", "invoice_id"))
    clients = frozenset(client for client, invoice in found if invoice is None)
    return clients, frozenset(invoice for _, invoice in found if invoice is not None)


def warned_invoices(on: date) -> frozenset[int]:
    """Invoices of consumers with a late-charge rule, after a notice that gave 14 days to pay, which have passed."""
    lines = NoticeLine.objects.filter(
        is_live=True,
        notice__status=OutgoingStatus.SENT,
        notice__deadline_on__gte=F("notice__sent_on") + LETTER_DAYS,
        notice__deadline_on__lt=on,
        notice__client__debtor_type=DebtorType.CONSUMER,
        notice__client__late_charge_rule__gt="",
    )
    return frozenset(lines.values_list("invoice_id", flat=True))
