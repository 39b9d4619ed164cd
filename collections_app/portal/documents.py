"""Documents to take along: payment terms, the welcome letter, plans as agreed, statements."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from invoices.models import Contact, PaymentPlan, PlanStatus
from invoices.queries.plans import plan_of_client, plans_of
from invoices.queries.schedules import terms_of
from invoices.services.plan_documents import plan_name, plan_pdf
from reminders.services.welcome import welcome_pdf

from .account import file_answer
from .session import client_page, page


@require_safe
@client_page
def documents(request: HttpRequest, contact: Contact) -> HttpResponse:
    context = {"terms": terms_of(contact.client, None), "plans": agreed_plans(contact)}
    return page(request, contact, "documents", context)


def agreed_plans(contact: Contact) -> list[PaymentPlan]:
    """In force: a plan that still waits for a manager is no document yet."""
    return [plan for plan in plans_of(contact.client_id) if plan.status == PlanStatus.ACTIVE]


@require_safe
@client_page
def welcome(request: HttpRequest, contact: Contact) -> HttpResponse:
    """As it would be written today, to this contact."""
    return file_answer(welcome_pdf(contact.client, contact), "welcome")


@require_safe
@client_page
def plan(request: HttpRequest, contact: Contact, plan_id: int) -> HttpResponse:
    found = plan_of_client(contact.client_id, plan_id)
    if found is None:
        raise Http404("No such plan.")
    return file_answer(plan_pdf(found), plan_name(found))
