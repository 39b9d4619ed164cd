"""Paying: from the ticked invoices to the payment page, and back."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from invoices.errors import PaymentRefused, PaymentUnavailable
from invoices.models import Contact, InvoiceKind, Payment, PaymentStatus
from invoices.queries.payables import claims_of
from invoices.queries.payments import are_payments_real, can_pay_online
from invoices.rules.allocation import Claim, ClaimOrder, Money, Payable, Share, oldest_first
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
        payment = pay(contact.client, _wanted(contact, form.cleaned_data, ticked))
    except (PaymentRefused, PaymentUnavailable) as refusal:
        amount = request.POST.get("amount", "")[:30]
        return show_overview(request, contact, error=str(refusal), ticked=ticked, amount=amount)
    return _go_on(payment)


def _wanted(contact: Contact, asked: dict, ticked: tuple[int, ...]) -> NewPayment:
    new = NewPayment(asked["currency"], (), contact)
    if asked["choice"] == "account":
        if not asked["amount"]:
            raise PaymentRefused("Enter the amount that you want to pay on account.")
        return new._replace(on_account=asked["amount"])
    if asked["choice"] == "settlement":
        return new._replace(shares=_settling(contact, asked), settlement_id=asked["settlement"])
    plans = [plan for account in _accounts(contact) for plan in account.plans if plan.plan_id == asked["plan"]]
    plan_id = plans[0].plan_id if plans and set(ticked) <= set(plans[0].invoice_ids) else None
    return new._replace(shares=_shares(contact, asked, ticked), plan_id=plan_id)


def _accounts(contact: Contact) -> list[CurrencyAccount]:
    return accounts_of(contact.client, organisation(), localdate())


def _shares(contact: Contact, asked: dict, ticked: tuple[int, ...]) -> list[Share]:
    """What each invoice gets: its payable amount, or its part of a smaller sum, oldest first."""
    currency = asked["currency"]
    account = next((a for a in _accounts(contact) if a.currency == currency), CurrencyAccount(currency))
    items = account.chosen if asked["choice"] == "overdue" else _payable(account, ticked)
    total = sum((item.payable for item in items), ZERO)
    amount: Decimal = asked["amount"] or total
    if amount > total and items:
        raise PaymentRefused(
            f"You chose invoices with {plain(total, account.currency)} {account.currency} left to pay; "
            f"{plain(amount, account.currency)} {account.currency} is more. Tick more invoices or lower the amount."
        )
    order = ClaimOrder(contact.client.claim_order or organisation().claim_order)
    claims = claims_of([item.invoice.pk for item in items if item.invoice.kind == InvoiceKind.CHARGE])
    payables = [
        Payable(i.invoice.pk, str(i.invoice), i.invoice.due_on, i.payable, claims.get(i.invoice.pk, Claim.PRINCIPAL))
        for i in items
    ]
    return oldest_first(Money(amount, account.currency, order=order), payables)


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
