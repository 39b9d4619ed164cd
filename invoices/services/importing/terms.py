"""Payment terms by what a file calls them."""

from __future__ import annotations

from django.db.models import prefetch_related_objects

from ...models import PaymentTerms
from ...rules.calendar import Convention
from ...rules.importing.columns import plain
from ...rules.importing.terms import NetTerms, parse_terms
from ...rules.terms import TermsForm
from ..audit import Actor
from ..terms import create_terms

_UNKNOWN = "Terms are not known: write the code of terms that exist, or a number of days such as 'net 30'."


class TermsBook:
    """Finds terms by code, by name, or by what they say ("30 days"); the last are created if need be."""

    def __init__(self, *, actor: Actor, is_strict: bool) -> None:
        self._actor = actor
        self._is_strict = is_strict
        self._found: dict[str, PaymentTerms] = {}
        self.forget()

    def forget(self) -> None:
        """Read the terms anew: what was created in a transaction that failed is gone."""
        self._all = list(PaymentTerms.objects.order_by("pk").prefetch_related("parts"))
        self._found = {plain(terms.name): terms for terms in reversed(self._all)}
        self._found |= {plain(terms.code): terms for terms in self._all}

    @property
    def default(self) -> PaymentTerms | None:
        return next((terms for terms in self._all if terms.is_default), None)

    def by_id(self, pk: int | None) -> PaymentTerms | None:
        return next((terms for terms in self._all if terms.pk == pk), None) if pk else None

    def check(self, text: str | None) -> str:
        """Why these terms cannot be used; empty if they can. Creates nothing."""
        if text is None or self._known(text):
            return ""
        return _UNKNOWN if self._is_strict or parse_terms(text) is None else ""

    def found(self, text: str | None) -> PaymentTerms | None:
        """The terms that exist under this text. Creates nothing."""
        return self._known(text) if text else None

    def get(self, text: str | None) -> PaymentTerms | None:
        """The terms of a text that `check` found no fault with."""
        if text is None or (known := self._known(text)):
            return None if text is None else known
        parsed = parse_terms(text)
        if parsed is None:
            return None
        created = create_terms(
            {
                "code": parsed.code,
                "name": parsed.name,
                "days": parsed.days,
                "discount_percent": parsed.discount_percent,
                "discount_days": parsed.discount_days,
            },
            actor=self._actor,
        )
        prefetch_related_objects([created], "parts")
        self._all.append(created)
        self._found[plain(text)] = self._found[plain(created.code)] = created
        return created

    def _known(self, text: str) -> PaymentTerms | None:
        key = plain(text)
        if key not in self._found and (parsed := parse_terms(text)) and (same := self._same(parsed)):
            self._found[key] = same
        return self._found.get(key)

    def _same(self, parsed: NetTerms) -> PaymentTerms | None:
        wanted = (TermsForm.NET.value, *parsed, Convention.NONE.value, 0, False)
        return next((t for t in self._all if _said(t) == wanted and not t.parts.all()), None)


def _said(t: PaymentTerms) -> tuple[object, ...]:
    discount = (t.discount_percent, t.discount_days)
    return (t.form, t.days, *discount, t.convention, t.discount_grace_days, t.is_discount_pro_rata)
