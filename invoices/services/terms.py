"""Payment terms: added and changed. Invoices keep the due date that was printed on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from ..models import PaymentTerms
from .audit import Actor, record
from .changes import change_row


@transaction.atomic
def create_terms(values: Mapping[str, Any], *, actor: Actor) -> PaymentTerms:
    """New terms; as default they take the place of the old default."""
    if values.get("is_default"):
        _no_default()
    terms = PaymentTerms.objects.create(**values)
    record("terms_created", terms, actor=actor, text=f"Payment terms {terms} created")
    return terms


@transaction.atomic
def change_terms(terms_id: int, values: Mapping[str, Any], *, actor: Actor) -> list[str]:
    """Change terms for invoices to come; returns the labels of what changed."""
    terms = PaymentTerms.objects.select_for_update().get(pk=terms_id)
    if values.get("is_default") and not terms.is_default:
        _no_default()
    return change_row(terms, values, verb="terms_changed", actor=actor)


def _no_default() -> None:
    PaymentTerms.objects.filter(is_default=True).update(is_default=False)
