"""Payment plans: the list, agreeing one with its schedule before it holds, and the page of one with what is paid."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.formats import money
from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import AuditEvent, Client, PaymentPlan, PlanStatus
from invoices.queries.plan_terms import Terms, plan_terms
from invoices.queries.plans import all_plans, items_of, plan_limits, plan_standing, plans_matching
from invoices.services.plan_documents import plan_name, plan_pdf
from invoices.services.plan_judging import discount_on
from invoices.services.plans import cancel_plan
from reminders.services.plans import agree_plan, change_plan, decide_plan, pay_off

from ..access import client_for_staff, plan_for_staff
from ..forms.corrections import WhyForm
from ..forms.fields import CURRENCY_CHOICES
from ..forms.plans import PlanForm
from ..listing import Column, Filter, ListPage
from ..said import done, refused


def plan_url(plan: PaymentPlan) -> str:
    return reverse("dashboard:plan", args=[plan.pk])


def client_url(plan: PaymentPlan) -> str:
    return reverse("dashboard:client", args=[plan.client_id])


def asked_by(plan: PaymentPlan) -> str:
    return plan.asked_by.full_name if plan.asked_by else ""


def listed() -> QuerySet[PaymentPlan]:
    return all_plans().annotate(parts=Count("instalments"))


class PlanList(ListPage):
    title = "Payment plans"
    queryset = listed
    order = "-pk"
    columns = [
        Column(str, "Plan", link=plan_url),
        Column("client__name", "Client", link=client_url),
        Column("total_amount", "Amount", "money"),
        Column("parts", "Instalments", "number"),
        Column("first_on", "First on", "date", sort=True),
        Column("status", "Status", "badge"),
        Column("agreed_by", "Agreed with"),
        Column(asked_by, "Asked by", css="nowrap small"),
        Column("ended_on", "Ended", "date"),
    ]
    filters = [
        Filter("status", "Status", "status", PlanStatus.choices),
        Filter("currency", "Currency", "currency", CURRENCY_CHOICES),
    ]
    tabs = [
        ("All", ""),
        ("In force", "status=active"),
        ("Waiting for approval", "status=proposed"),
        ("Broken", "status=broken"),
    ]
    search = plans_matching
    search_hint = "Client"
    empty_title = "No payment plans"
    empty_text = "A plan is agreed on a client's page: choose its items, the number of instalments and the first date."


@needs("work")
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """The schedule and what will happen stand beside the form before anything is agreed."""
    client = client_for_staff(pk)
    raw = request.GET.get("invoice", "")
    form = PlanForm(client, request.POST or None)
    form.initial["items"] = [int(raw)] if raw.isdecimal() and len(raw) < 19 else list(form.fields["items"].queryset)
    if request.method == "POST" and form.is_valid() and not is_preview(request):
        try:
            plan = agree_plan(pk, form.values, actor=request.user)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            return done(request, said(plan), "dashboard:plan", plan.pk)
    return shown_form(request, client, form, None)


@needs("work")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another plan in the place of this one, over what is left."""
    plan = plan_for_staff(pk)
    if plan.status != PlanStatus.ACTIVE:
        return redirect(plan_url(plan))
    form = PlanForm(plan.client, request.POST or None, plan=plan, initial=initial_of(plan))
    if request.method == "POST" and form.is_valid() and not is_preview(request):
        try:
            new_plan = change_plan(pk, form.values, actor=request.user)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            return done(request, said(new_plan), "dashboard:plan", new_plan.pk)
    return shown_form(request, plan.client, form, plan)


def initial_of(plan: PaymentPlan) -> dict[str, Any]:
    coming = [one for one in plan_standing(plan, localdate()).instalments if one.missing]
    return {
        "items": [item.invoice_id for item in items_of(plan) if item.invoice.is_open],
        "parts": len(coming) or 1,
        "frequency": plan.frequency,
        "agreed_by": plan.agreed_by,
        "grace_days": plan.grace_days,
    }


def is_preview(request: HttpRequest) -> bool:
    return request.headers.get("HX-Target") == "plan-preview"


def shown_form(request: HttpRequest, client: Client, form: PlanForm, plan: PaymentPlan | None) -> HttpResponse:
    terms, problem = previewed(client, form, plan)
    context = {
        "client": client,
        "form": form,
        "plan": plan,
        "terms": terms,
        "problem": problem,
        "limits": plan_limits(),
    }
    if is_preview(request):
        return render(request, "dashboard/plan/_preview.html", context)
    return render(request, "dashboard/plan/new.html", context, status=422 if form.is_bound else 200)


def previewed(client: Client, form: PlanForm, plan: PaymentPlan | None) -> tuple[Terms | None, str]:
    """What would be agreed, from what is typed so far or, at first, from what is offered; else why it cannot be."""
    if not form.is_bound:
        offered = {**form.initial, "items": [getattr(one, "pk", one) for one in form.initial["items"]]}
        form = PlanForm(client, {**offered, "how": "call", "grace_days": 5}, plan=plan)
    if not form.is_valid():
        return None, " ".join(f"{error}" for errors in form.errors.values() for error in errors)
    try:
        return plan_terms(client, form.values, replaces=plan), ""
    except LedgerError as error:
        return None, str(error)


def said(plan: PaymentPlan) -> str:
    amount = money(plan.total_amount, plan.currency)
    if plan.status == PlanStatus.PROPOSED:
        return f"A plan over {amount} is proposed. Nothing changes until a second person approves it."
    return f"A plan over {amount} is agreed and confirmed by mail; its items are not dunned while it is kept."


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, plan_for_staff(pk), WhyForm())


def shown(request: HttpRequest, plan: PaymentPlan, form: WhyForm) -> HttpResponse:
    today = localdate()
    found = plan_standing(plan, today)
    discount = min(discount_on(plan, today), found.left)
    events = AuditEvent.objects.filter(client_id=plan.client_id, subject_type="paymentplan", subject_id=plan.pk)
    context = {
        "plan": plan,
        "client": plan.client,
        "standing": found,
        "rows": list(zip(plan.instalments.all(), found.instalments, strict=True)),
        "items": items_of(plan),
        "is_own": plan.asked_by == request.user,
        "is_active": plan.status == PlanStatus.ACTIVE,
        "discount": discount,
        "payoff": found.left - discount,
        "replacing": PaymentPlan.objects.filter(replaces=plan).first(),
        "events": events.select_related("actor").order_by("-pk")[:50],
        "why_form": form,
    }
    return render(request, "dashboard/plan/page.html", context, status=422 if form.errors else 200)


@needs("view")
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The confirmation as its client gets it, with lines to sign on."""
    plan = plan_for_staff(pk)
    answer = HttpResponse(plan_pdf(plan), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{plan_name(plan)}.pdf"'
    return answer


@needs("approve")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    return decide(request, pk, is_approved=True)


@needs("work")
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Who asked may take it back; anybody else needs the right to decide."""
    plan = plan_for_staff(pk)
    return (decide if plan.asked_by == request.user else needs("approve")(decide))(request, pk, is_approved=False)


def decide(request: HttpRequest, pk: int, *, is_approved: bool) -> HttpResponse:
    plan_for_staff(pk)
    try:
        plan = decide_plan(pk, is_approved=is_approved, actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:plan", pk)
    return done(request, said(plan) if is_approved else "Refused; nothing was agreed.", "dashboard:plan", pk)


@needs("work")
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_for_staff(pk)
    form = WhyForm(request.POST)
    if not form.is_valid():
        return shown(request, plan, form)
    try:
        cancel_plan(pk, reason=form.cleaned_data["reason"], actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:plan", pk)
    return done(request, "Cancelled: its items are due by their own dates again.", "dashboard:plan", pk)


@needs("work")
@require_POST
def payoff(request: HttpRequest, pk: int) -> HttpResponse:
    plan_for_staff(pk)
    try:
        pay_off(pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:plan", pk)
    return done(request, "Paid off: the rest is waived and the plan is kept.", "dashboard:plan", pk)


urls = [
    path("plans/", PlanList.as_view(), name="plans"),
    path("plans/<int:pk>/", page, name="plan"),
    path("plans/<int:pk>/pdf/", pdf, name="plan_pdf"),
    path("plans/<int:pk>/change/", change, name="plan_change"),
    path("plans/<int:pk>/approve/", approve, name="plan_approve"),
    path("plans/<int:pk>/refuse/", refuse, name="plan_refuse"),
    path("plans/<int:pk>/cancel/", cancel, name="plan_cancel"),
    path("plans/<int:pk>/payoff/", payoff, name="plan_payoff"),
    path("clients/<int:pk>/plan/", new, name="plan_new"),
]
