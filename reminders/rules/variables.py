"""What a text may name: each variable with its meaning and an example, shown beside the editor and checked at saving.

A variable that has nothing to say (no manager, no payment so far) is empty, and `{% if name %}` is false for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Variable(NamedTuple):
    """`fields` are the names below it, for lists and records."""

    name: str
    meaning: str
    example: str
    fields: Mapping[str, str] | None = None


ITEM = {
    "number": "its number",
    "issued_on": "its date",
    "due_on": "its due date",
    "days_late": "days past the due date; 0 or less before",
    "total": "what it was issued over",
    "amount": "what is asked for",
    "reference": "the client's order reference",
    "project": "the project",
}
PERSON = (
    Variable("first_name", "first name of the contact", "Anna"),
    Variable("full_name", "full name of the contact", "Anna Berg"),
    Variable("client", "name of the client", "Slowco Ltd"),
    Variable("sender", "our name", "Northwind Supplies Ltd"),
    Variable("phone", "telephone of the account manager, else ours", "+44 20 7946 0100"),
    Variable("manager_name", "account manager", "Fay Field"),
    Variable("manager_phone", "telephone of the account manager", "+44 20 7946 0101"),
)
NOTICE = (
    *PERSON,
    Variable("total", "what is overdue, per currency; what is open where nothing is overdue yet", "1,200.00 GBP"),
    Variable("count", "how many items are listed", "2"),
    Variable("overdue_count", "how many of them are overdue", "1"),
    Variable("number", "number of the oldest item", "INV-1041"),
    Variable("amount", "what is asked for on the oldest item", "1,000.00 GBP"),
    Variable("due_on", "due date of the oldest item", "31 Jan 2026"),
    Variable("days_late", "days past due of the oldest item", "30"),
    Variable("reference", "order reference of the oldest item", "PO 7734"),
    Variable("project", "project of the oldest item", "New warehouse"),
    Variable("today", "date of the message", "2 Mar 2026"),
    Variable("deadline", "the last day to pay, as a date", "12 Mar 2026"),
    Variable("last_payment", "the last payment received in the past year", "480.00 GBP"),
    Variable("last_payment_on", "when it was received", "9 Feb 2026"),
    Variable("last_notice_on", "when we last wrote", "22 Feb 2026"),
    Variable("paid_since", "received since we last wrote", "200.00 GBP"),
    Variable("new_since", "overdue now, but not when we last wrote", "200.00 GBP"),
    Variable("interest", "a sentence on the interest that is running", "Interest of 5 % a year is accruing."),
    Variable("enclosed", "whether copies of the invoices go along", "yes"),
    Variable("plan_months", "the longest payment plan that needs no manager, in months", "6"),
    Variable("link", "the client's own link; in text messages only, mails and letters carry it by themselves", "https://…"),
    Variable("items", "all items, the oldest first", "{% for item in items %}", ITEM),
    Variable("overdue", "the overdue ones of them", "{% for item in overdue %}", ITEM),
    Variable("upcoming", "those not due yet", "{% for item in upcoming %}", ITEM),
)  # fmt: skip
LINE = {"number": "invoice or instalment", "amount": "the amount"}
DUE = {"due_on": "the date", "amount": "the amount"}
BALANCE = {
    "currency": "its currency",
    "closing": "the balance",
    "overdue": "what of it is overdue",
    "is_credit": "whether it is in the client's favour",
}
ANSWER = (
    *PERSON,
    Variable("amount", "the amount that the message is about", "480.00 GBP"),
    Variable("currency", "its currency", "GBP"),
    Variable("reference", "what it refers to: an invoice, a payment, an order", "INV-1041"),
    Variable("number", "number of the document", "INV-1041"),
    Variable("on", "date of the message or of the payment", "2 Mar 2026"),
    Variable("issued_on", "date of the document", "1 Mar 2026"),
    Variable("due_on", "due date", "31 Mar 2026"),
    Variable("promised_on", "promised date, date of an instalment, or new due date", "12 Mar 2026"),
    Variable("first_on", "first day, or the date before", "1 Feb 2026"),
    Variable("last_on", "last day", "28 Feb 2026"),
    Variable("discount_until", "last day of the settlement discount", "11 Mar 2026"),
    Variable("discounted_amount", "what settles the invoice until then", "470.40 GBP"),
    Variable("on_account", "stands in the client's favour", "20.00 GBP"),
    Variable("left", "what the client still owes", "720.00 GBP"),
    Variable("taken_off", "taken off the invoice", "100.00 GBP"),
    Variable("open_amount", "still open", "900.00 GBP"),
    Variable("reason", "the reason, in the words it was given in", "damaged goods"),
    Variable("comment", "what was written with it", "Two boxes were missing."),
    Variable("link_days", "days that a new link works", "90"),
    Variable("is_test", "whether it was a test payment", "no"),
    Variable("layout", "a variety of the message, such as accepted or rejected", "accepted"),
    Variable("iban", "our account", "GB33 BUKB 2020 1555 5555 55"),
    Variable("bic", "its bank", "BUKBGB22"),
    Variable("account_holder", "its holder", "Northwind Supplies Ltd"),
    Variable("transfer_reference", "reference to quote", "RF18 5390 0754 7034"),
    Variable("invoices_to", "where invoices are mailed to", "ap@slowco.example"),
    Variable("terms_name", "the client's payment terms", "30 days"),
    Variable("lines", "invoices or instalments listed below the text", "{% for line in lines %}", LINE),
    Variable("dues", "the parts of an invoice in parts", "{% for due in dues %}", DUE),
    Variable("balances", "a statement's balances, per currency", "{% for balance in balances %}", BALANCE),
)


def names(variables: Iterable[Variable]) -> dict[str, Mapping[str, object] | None]:
    """As `wording.problems_of` takes them."""
    return {variable.name: variable.fields for variable in variables}
