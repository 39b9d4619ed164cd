"""The tax relief of unpaid invoices, by the rule of our country. Nothing is written: tax returns are made elsewhere."""

from __future__ import annotations

from ..gateways.tax_rules import bad_debt_rule
from ..models import Invoice, InvoiceKind, WriteOffStatus
from ..queries.organisation import organisation
from ..rules.bad_debt import Relief, Rule, Unpaid, relief
from ..rules.money import ZERO


def rule_of(country: str) -> Rule | None:
    """The rule of a seller's country; None where none is stated."""
    return bad_debt_rule(country)


def relief_of(invoice: Invoice, rule: Rule | None = None) -> Relief | None:
    """None for a late charge, for an invoice without tax, where all is paid, or where our country states no rule.

    What is written off counts as unpaid as long as it is not recovered; with `write_offs` prefetched it costs no query.
    """
    if invoice.kind != InvoiceKind.INVOICE or not invoice.tax_amount:
        return None
    rule = rule or rule_of(organisation().country)
    if rule is None:
        return None
    lost = sum((w.unrecovered_amount for w in invoice.write_offs.all() if w.status == WriteOffStatus.BOOKED), ZERO)
    unpaid = Unpaid(
        due_on=invoice.original_due_on or invoice.due_on,
        supplied_on=invoice.delivered_on or invoice.issued_on,
        amount=invoice.open_amount + lost,
        tax=invoice.tax_amount,
        total=invoice.total_amount,
        currency=invoice.currency,
    )
    return relief(unpaid, rule)
