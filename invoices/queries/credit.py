"""What a client owes against his credit limit, and the papers behind the limit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import DecimalField, Exists, F, OuterRef, Prefetch, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from ..models import ApplicationStatus, Client, CreditApplication, CreditPolicy, Invoice, InvoiceStatus, TradeReference
from ..rules.credit import Standing
from ..rules.money import ZERO, quantise

MONEY = DecimalField(max_digits=18, decimal_places=3)


class Exposure(NamedTuple):
    """The own currency against the limit; other currencies beside it, as (currency, owed, drafts)."""

    standing: Standing
    others: tuple[tuple[str, Decimal, Decimal], ...] = ()


def exposure_of(client: Client) -> Exposure:
    """Two queries. Drafts are all that are written and not issued; late charges count as owed like anything else."""
    sums: dict[str, list[Decimal]] = {client.currency: [ZERO, ZERO]}
    for place, status, field in ((0, InvoiceStatus.ISSUED, "open_amount"), (1, InvoiceStatus.DRAFT, "total_amount")):
        rows = Invoice.objects.filter(client=client, status=status, **{f"{field}__gt": 0}).order_by()
        for currency, amount in rows.values_list("currency").annotate(s=Sum(field)):
            sums.setdefault(currency, [ZERO, ZERO])[place] = quantise(amount, currency)
    own = sums.pop(client.currency)
    return Exposure(standing_of(client, *own), tuple((code, *pair) for code, pair in sorted(sums.items())))


def standing_of(client: Client, owed: Decimal = ZERO, drafts: Decimal = ZERO) -> Standing:
    is_stopping = client.credit_policy == CreditPolicy.STOP
    return Standing(client.currency, client.credit_limit, is_stopping, client.is_credit_hold, owed, drafts)


def owed_in(client: Client, currency: str) -> Decimal:
    """What is open in the currency now."""
    rows = Invoice.objects.filter(client=client, currency=currency, open_amount__gt=0)
    return quantise(rows.aggregate(s=Sum("open_amount"))["s"] or ZERO, currency)


def over_limit(rows: QuerySet[Client]) -> QuerySet[Client]:
    """Those who owe more than their limit, in their own currency, with `owed_amount`."""
    items = Invoice.objects.filter(client=OuterRef("pk"), currency=OuterRef("currency"), open_amount__gt=0).order_by()
    sums = items.values("client").annotate(s=Sum("open_amount")).values("s")
    owed = Coalesce(Subquery(sums), Value(Decimal(0)), output_field=MONEY)
    limited = rows.filter(credit_limit__isnull=False).annotate(limit_owed=owed)
    return limited.filter(limit_owed__gt=F("credit_limit"))


def without_decision(rows: QuerySet[Client]) -> QuerySet[Client]:
    """Those nobody ever decided about: no application was granted or refused."""
    decided = CreditApplication.objects.filter(client=OuterRef("pk")).exclude(status=ApplicationStatus.OPEN)
    return rows.filter(~Exists(decided))


def is_decided(client_id: int) -> bool:
    rows = CreditApplication.objects.filter(client_id=client_id).exclude(status=ApplicationStatus.OPEN)
    return rows.exists()


def applications_of(client_id: int) -> list[CreditApplication]:
    """The newest first, each with its references and the people. Two queries."""
    references = Prefetch("references", TradeReference.objects.order_by("pk"))
    rows = CreditApplication.objects.filter(client_id=client_id).select_related("decided_by", "created_by")
    return list(rows.prefetch_related(references).order_by("-pk"))


def applications_to_review(today: date) -> QuerySet[CreditApplication]:
    """Granted, and to be looked at again by now. Served by application_to_review."""
    rows = CreditApplication.objects.filter(status=ApplicationStatus.GRANTED, review_on__lte=today)
    return rows.select_related("client").order_by("review_on", "pk")
