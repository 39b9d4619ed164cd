"""Partners: agencies, lawyers and mediators who take claims over."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from collections_app.permissions import needs
from reminders.errors import DunningError
from reminders.models import Partner, PartnerKind, PlacementStatus
from reminders.services.placements import save_partner

from ..dunning_access import partner_for_staff
from ..forms.placements import PartnerForm
from ..listing import Column, Filter, Link, ListPage
from ..said import done


def partner_url(partner: Partner) -> str:
    return reverse("dashboard:partner_edit", args=[partner.pk])


def percent(partner: Partner) -> Decimal:
    return partner.commission_percent.normalize()


def takes_claims(partner: Partner) -> str:
    return "Active" if partner.is_active else "Inactive"


def listed() -> QuerySet[Partner]:
    in_force = Q(placements__status=PlacementStatus.PLACED)
    return Partner.objects.annotate(claims=Count("placements", filter=in_force))


class PartnerList(ListPage):
    title = "Partners"
    subtitle = "Agencies, lawyers and mediators to whom a claim may be handed over."
    queryset = listed
    order = "name"
    columns = [
        Column("name", "Name", sort=True, link=partner_url),
        Column("kind", "Kind"),
        Column("email", "E-mail"),
        Column("phone", "Telephone", css="nowrap"),
        Column(percent, "Commission %", "number"),
        Column("claims", "Claims now", "number"),
        Column(takes_claims, "State", "badge"),
    ]
    filters = [Filter("kind", "Kind", "kind", PartnerKind.choices)]
    search = ("name", "email")
    search_hint = "Name or e-mail"
    links = [Link("New partner", "dashboard:partner_new", "plus", "n", "configure")]
    empty_title = "No partners yet"
    empty_text = "Add the agency, lawyer or mediator you work with; then claims can be handed over."


@needs("configure")
def new(request: HttpRequest) -> HttpResponse:
    return edited(request, None)


@needs("configure")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return edited(request, partner_for_staff(pk))


def edited(request: HttpRequest, partner: Partner | None) -> HttpResponse:
    form = PartnerForm(request.POST or None, partner=partner)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_partner(partner.pk if partner else None, form.cleaned_data, actor=request.user)
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            return done(request, f"{saved} is saved.", "dashboard:partners")
    title = partner.name if partner else "New partner"
    context = {"form": form, "title": title}
    return render(request, "dashboard/placement/partner.html", context, status=422 if form.is_bound else 200)


urls = [
    path("partners/", PartnerList.as_view(), name="partners"),
    path("partners/new/", new, name="partner_new"),
    path("partners/<int:pk>/", edit, name="partner_edit"),
]
