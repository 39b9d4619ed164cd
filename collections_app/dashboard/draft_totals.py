"""What can be said of a draft while it is being typed: nets, tax, totals and due dates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from invoices.errors import LedgerError
from invoices.models import Client, LineKind
from invoices.queries.documents import amounts_of
from invoices.queries.schedules import planned, terms_of
from invoices.rules.adjusting import Adjustment, CannotAdjust, Spread, spread, sum_of
from invoices.rules.invoicing import LineAmounts, Totals, line_net, tax_lines, totals
from invoices.rules.schedule import Schedule, one_sum

from .credit_words import said_of_draft
from .forms.adjustments import adjustments_of
from .forms.drafts import DraftForms
from .forms.invoices import InvoiceForm


def cleaned(form: InvoiceForm) -> dict[str, Any]:
    """What is known of the head: as typed, or as the form starts."""
    if form.is_bound:
        form.is_valid()
        return form.cleaned_data
    client = Client.objects.filter(code=form.initial.get("client", "")).select_related("terms").first()
    return {**form.initial, "client": client}


def preview_context(forms: DraftForms) -> dict[str, Any]:
    """What can be said already: only whole rows and known terms count."""
    given = cleaned(forms.head)
    currency = given.get("currency") or "GBP"
    lines, extras = typed_amounts(forms)
    spread_rows = spread_of(extras.values(), lines.values(), currency)
    everything = [*lines.values(), *(row.amounts for row in spread_rows)]
    whole = totals(everything, currency)
    return {
        "currency": currency,
        "rows": [(prefix, line_net(amounts, currency)) for prefix, amounts in lines.items()],
        "extras": [(prefix, one, sum_of(one, lines.values(), currency)) for prefix, one in extras.items()],
        "lines_net": totals(lines.values(), currency).net,
        "taxes": tax_lines(everything, currency),
        "totals": whole,
        "credit_said": said_of_draft(given.get("client"), whole.total, currency),
        **when_due(given, whole, currency),
    }


def typed_amounts(forms: DraftForms) -> tuple[dict[str, LineAmounts], dict[str, Adjustment]]:
    """Lines and adjustments by the prefix of their row, as far as they are right."""
    if forms.invoice and not forms.head.is_bound:
        rows = [amounts_of(line) for line in forms.invoice.lines.all()]
        lines = [row for row in rows if row.kind == LineKind.LINE]
        extras = adjustments_of(forms.invoice)
        return (
            {form.prefix: amounts for form, amounts in zip(forms.lines.forms, lines, strict=False)},
            {form.prefix: one for form, one in zip(forms.adjustments.forms, extras, strict=False)},
        )
    return (
        {form.prefix: form.value.amounts for form in forms.lines.used if form.is_valid()},
        {form.prefix: form.value for form in forms.adjustments.used if form.is_valid()},
    )


def spread_of(extras: Iterable[Adjustment], lines: Iterable[LineAmounts], currency: str) -> list[Spread]:
    """As far as there are lines to spread over."""
    try:
        return spread(list(extras), list(lines), currency)
    except CannotAdjust:
        return []


def when_due(given: dict[str, Any], whole: Totals, currency: str) -> dict[str, Any]:
    """The due dates so far; while there is no amount the days alone, of an amount that no part can miss."""
    client: Client | None = given.get("client")
    terms = terms_of(client, given.get("terms")) if client else given.get("terms")
    issued_on, typed = given.get("issued_on"), given.get("due_on")
    plan: Schedule | None = None
    problem = ""
    if issued_on and typed:
        plan = one_sum(issued_on, typed, whole.total, currency)
    elif issued_on and (whole.total > 0 or not (terms and terms.parts.exists())):
        try:
            plan = planned(terms, issued_on, whole.total, currency, client=client)
        except LedgerError as error:
            problem = str(error)
    return {"terms": terms, "plan": plan, "problem": problem, "is_due_typed": bool(typed)}
