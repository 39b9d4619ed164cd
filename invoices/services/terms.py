"""Payment terms: added and changed. Invoices keep the due date that was printed on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from ..errors import TermsDoNotFit
from ..models import PaymentTerms, TermsPart
from ..queries.schedules import terms_record
from ..rules.instalments import Part, refusal
from .audit import Actor, record
from .changes import change_row


@transaction.atomic
def create_terms(values: Mapping[str, Any], *, parts: Sequence[Part] = (), actor: Actor) -> PaymentTerms:
    """New terms; as default they take the place of the old default. `parts` split them.

    Raises TermsDoNotFit when these parts cannot sum to the whole of any invoice.
    """
    _require_fit(parts)
    if values.get("is_default"):
        _no_default()
    terms = PaymentTerms.objects.create(**values)
    _write_parts(terms, parts)
    after = {"parts": [_said(part) for part in parts]} if parts else {}
    record("terms_created", terms, actor=actor, text=f"Payment terms {terms} created", after=after)
    return terms


@transaction.atomic
def change_terms(
    terms_id: int, values: Mapping[str, Any], *, parts: Sequence[Part] | None = None, actor: Actor
) -> list[str]:
    """Change terms for invoices to come; returns the labels of what changed. `parts` None leaves the split alone.

    Raises TermsDoNotFit when these parts cannot sum to the whole of any invoice.
    """
    terms = PaymentTerms.objects.select_for_update().get(pk=terms_id)
    if values.get("is_default") and not terms.is_default:
        _no_default()
    changed = change_row(terms, values, verb="terms_changed", actor=actor)
    old = terms_record(terms).parts
    if parts is None or tuple(parts) == old:
        return changed
    _require_fit(parts)
    terms.parts.all().delete()
    _write_parts(terms, parts)
    before, after = ({"parts": [_said(part) for part in some]} for some in (old, parts))
    record("terms_changed", terms, actor=actor, text=f"{terms}: parts changed", before=before, after=after)
    return [*changed, "parts"]


def _require_fit(parts: Sequence[Part]) -> None:
    if parts and (sentence := refusal(parts)):
        raise TermsDoNotFit(sentence)


def _write_parts(terms: PaymentTerms, parts: Sequence[Part]) -> None:
    TermsPart.objects.bulk_create(
        TermsPart(terms=terms, position=n, **{**part._asdict(), "share": part.share.value})
        for n, part in enumerate(parts, start=1)
    )


def _said(part: Part) -> dict[str, Any]:
    return {**part._asdict(), "share": part.share.value, "value": f"{part.value:f}"}


def _no_default() -> None:
    PaymentTerms.objects.filter(is_default=True).update(is_default=False)
