"""Paying: from the ticked invoices to the payment page, and back."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from invoices.errors import PaymentRefused, PaymentUnavailable
from invoices.models import Contact, Payment, PaymentStatus
from invoices.queries.payments import are_payments_real, can_pay_online
from invoices.rules.allocation import Money, Payable, Share, oldest_first
from invoices.rules.money import ZERO, plain
from invoices.services.checkout import look_again, open_checkout, pay, press_test_button
from invoices.services.payments import NewPayment
from reminders.queries.portal import CurrencyAccount, PortalItem, accounts_of, settlement_offers

from .access import invoices_for, payment_for
from .account import show_overview
from .forms import PayForm
from .session import client_page, organisation, page


@require_POST
@client_page
def start(request: HttpRequest, contact: Contact) -> HttpResponse:
    ticked = tuple(invoice.pk for invoice in invoices_for(contact, request.POST.getlist("invoice")))
    form = PayForm(request.POST)
    try:
        if not form.is_valid():
            raise PaymentRefused(" ".join(error for errors in form.errors.values() for error in errors))
        shares = _shares(contact, form.cleaned_data, ticked)
        payment = pay(contact.client, NewPayment(form.cleaned_data["currency"], shares, contact))
    except (PaymentRefused, PaymentUnavailable) as refusal:
        amount = request.POST.get("amount", "")[:30]
        return show_overview(request, contact, error=str(refusal), ticked=ticked, amount=amount)
    return _go_on(payment)


def _shares(contact: Contact, asked: dict, ticked: tuple[int, ...]) -> list[Share]:
    """What each invoice gets: its payable amount, or its part of a smaller sum, oldest first."""
    if asked["choice"] == "settlement":
        return _settling(contact, asked)
    accounts = accounts_of(contact.client, organisation(), localdate())
    account = next((a for a in accounts if a.currency == asked["currency"]), CurrencyAccount(asked["currency"]))
    items = account.chosen if asked["choice"] == "overdue" else _payable(account, ticked)
    total = sum((item.payable for item in items), ZERO)
    amount: Decimal = asked["amount"] or total
    if amount > total and items:
        raise PaymentRefused(
            f"You chose invoices with {plain(total, account.currency)} {account.currency} left to pay; "
            f"{plain(amount, account.currency)} {account.currency} is more. Tick more invoices or lower the amount."
        )
    payables = [Payable(i.invoice.pk, str(i.invoice), i.invoice.due_on, i.payable) for i in items]
    return oldest_first(Money(amount, account.currency), payables)


def _settling(contact: Contact, asked: dict) -> list[Share]:
    """What is left to pay of a settlement that the client was offered."""
    for offer in settlement_offers(contact.client, localdate()):
        if offer.settlement.pk == asked["settlement"] and offer.settlement.currency == asked["currency"]:
            return list(offer.shares)
    raise PaymentRefused("This offer is over or was taken back. Look below for what is owed, or ask us.")


def _payable(account: CurrencyAccount, ticked: tuple[int, ...]) -> list[PortalItem]:
    return [item for item in account.items if item.invoice.pk in ticked and item.payable > 0]


def _go_on(payment: Payment) -> HttpResponse:
    """To the page to pay on; to our own page about it when there is nothing to pay any more."""
    if payment.status == PaymentStatus.OPEN and payment.session_url:
        return redirect(payment.session_url)
    return redirect("portal:payment", uuid=payment.uuid)


@require_safe
@client_page
def payment(request: HttpRequest, contact: Contact, uuid: UUID) -> HttpResponse:
    """Where the payer comes back to. The session in the address is only a hint to ask how it stands, once."""
    found = payment_for(contact, uuid)
    if "session" in request.GET:
        found = look_again(found)
    lines = found.lines.select_related("invoice").order_by("invoice__due_on", "invoice_id")
    return page(request, contact, "payment", {"payment": found, "lines": lines})


@require_POST
@client_page
def resume(request: HttpRequest, contact: Contact, uuid: UUID) -> HttpResponse:
    """Back to a page that waits for the payer."""
    found = payment_for(contact, uuid)
    if found.status not in (PaymentStatus.CREATED, PaymentStatus.OPEN):
        return redirect("portal:payment", uuid=uuid)
    try:
        return _go_on(open_checkout(found.pk))
    except (PaymentRefused, PaymentUnavailable) as refusal:
        return show_overview(request, contact, error=str(refusal))


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def test_page(request: HttpRequest, contact: Contact, uuid: UUID) -> HttpResponse:
    """Takes the card processor's place while none is set up. No money moves."""
    found = payment_for(contact, uuid)
    if not found.is_test or are_payments_real() or not can_pay_online():
        raise Http404("No such payment.")
    if request.method == "POST":
        try:
            found = press_test_button(found, request.POST.get("button", ""))
        except PaymentRefused as refusal:
            return show_overview(request, contact, error=str(refusal))
        if found.status != PaymentStatus.OPEN:
            return redirect("portal:payment", uuid=uuid)
    lines = found.lines.select_related("invoice").order_by("invoice__due_on", "invoice_id")
    return page(request, contact, "test_payment", {"payment": found, "lines": lines})
