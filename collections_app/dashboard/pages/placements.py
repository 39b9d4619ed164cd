"""Placements: handing a claim over on its evidence, its file, what came in since, and taking it back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.models import AuditEvent, Client
from invoices.queries.clients import client_ids_matching
from reminders.errors import DunningError
from reminders.models import PartnerKind, Placement, PlacementStatus
from reminders.queries.placements import claims_of, collected_on, items_of, placeable, sums_of
from reminders.rules.placing import Claim, missing
from reminders.services.handover import handover_csv, handover_name, handover_pdf, report_csv
from reminders.services.placements import close_placement, place, recall

from ..access import client_for_staff
from ..dunning_access import placement_for_staff
from ..forms.corrections import WhyForm
from ..forms.placements import PlacementForm
from ..listing import Column, Filter, Link, ListPage
from ..said import done, refused


def placement_url(placement: Placement) -> str:
    return reverse("dashboard:placement", args=[placement.pk])


def client_url(placement: Placement) -> str:
    return reverse("dashboard:client", args=[placement.client_id])


def of_client(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text)) | Q(reference__icontains=text)


def listed() -> QuerySet[Placement]:
    rows = Placement.objects.select_related("client", "partner", "placed_by")
    return rows.annotate(invoices=Count("items"))


def placed_by(placement: Placement) -> str:
    return placement.placed_by.full_name if placement.placed_by else ""


def percent(placement: Placement) -> Decimal:
    return placement.commission_percent.normalize()


class PlacementList(ListPage):
    title = "Placements"
    subtitle = "Claims with an agency, a lawyer or a mediator. While one is in force nothing is sent."
    queryset = listed
    order = "-pk"
    columns = [
        Column(str, "Placement", link=placement_url),
        Column("client__name", "Client", link=client_url),
        Column("partner__name", "With"),
        Column("invoices", "Invoices", "number"),
        Column("placed_on", "Placed", "date", sort=True),
        Column("reference", "Their file"),
        Column(percent, "Commission %", "number"),
        Column("status", "State", "badge"),
        Column("ended_on", "Ended", "date"),
        Column(placed_by, "Decided by", css="nowrap small"),
    ]
    filters = [
        Filter("status", "State", "status", PlacementStatus.choices, default="placed"),
        Filter("kind", "With", "partner__kind", PartnerKind.choices),
    ]
    search = of_client
    search_hint = "Client or their file"
    links = [Link("Partners", "dashboard:partners", "users", "p", "view")]
    empty_title = "Nothing is placed"
    empty_text = "A claim is handed over from its decide task or the client's page, after a final notice."


@needs("approve")
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Every item with what is missing before it may be handed over; those that are ready are ticked."""
    client = client_for_staff(pk)
    kind = request.GET.get("kind", "")
    kind = kind if kind in PartnerKind.values else ""
    claims = claims_of(list(placeable(client.pk)))
    today = localdate()
    ready = [claim.invoice_id for claim in claims if not missing([claim], today)]
    form = PlacementForm(client, request.POST or None, kind=kind, ready=ready)
    if request.method == "POST" and form.is_valid():
        try:
            placement = place(pk, form.values, actor=request.user)
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            text = f"Placed with {placement.partner}. Send them the hand-over file."
            return done(request, text, "dashboard:placement", placement.pk)
    context = {
        "client": client,
        "form": form,
        "kind": PartnerKind(kind).label.lower() if kind else "",
        "has_partners": form.fields["partner"].queryset.exists(),
        "lacking": lacking(claims),
        "ready": len(ready),
    }
    return render(request, "dashboard/placement/new.html", context, status=422 if form.is_bound else 200)


def lacking(claims: list[Claim]) -> list[str]:
    return missing(claims, localdate()) if claims else []


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, placement_for_staff(pk))


def shown(request: HttpRequest, placement: Placement, **given: Any) -> HttpResponse:
    collected = collected_on(placement)
    events = AuditEvent.objects.filter(client_id=placement.client_id, subject_type="placement", subject_id=placement.pk)
    context = {
        "placement": placement,
        "client": placement.client,
        "items": items_of(placement),
        "sums": sums_of(placement, collected),
        "collected": collected,
        "is_placed": placement.status == PlacementStatus.PLACED,
        "events": events.select_related("actor").order_by("-pk")[:50],
        "recall_form": WhyForm(),
        "close_form": WhyForm(),
        **given,
    }
    return render(request, "dashboard/placement/page.html", context, status=422 if given else 200)


def download(content: bytes | str, name: str, content_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@needs("work")
def items_file(request: HttpRequest, pk: int) -> HttpResponse:
    placement = placement_for_staff(pk)
    # The mark at the start tells spreadsheets that it is UTF-8.
    return download("\ufeff" + handover_csv(placement), f"{handover_name(placement)}.csv", "text/csv; charset=utf-8")


@needs("work")
def pack(request: HttpRequest, pk: int) -> HttpResponse:
    placement = placement_for_staff(pk)
    return download(handover_pdf(placement), f"{handover_name(placement)}.pdf", "application/pdf")


@needs("work")
def report(request: HttpRequest, pk: int) -> HttpResponse:
    placement = placement_for_staff(pk)
    name = f"{handover_name(placement)}-receipts.csv"
    return download("\ufeff" + report_csv(placement), name, "text/csv; charset=utf-8")


@needs("approve")
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    placement = placement_for_staff(pk)
    form = WhyForm(request.POST)
    if not form.is_valid():
        return shown(request, placement, recall_form=form)
    try:
        recall(pk, reason=form.cleaned_data["reason"], actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:placement", pk)
    text = "Recalled: its items are dunned again where they stood, and a task asks what comes next."
    return done(request, text, "dashboard:placement", pk)


@needs("approve")
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    placement = placement_for_staff(pk)
    form = WhyForm(request.POST)
    if not form.is_valid():
        return shown(request, placement, close_form=form)
    try:
        close_placement(pk, reason=form.cleaned_data["reason"], actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:placement", pk)
    return done(request, "The placement is closed.", "dashboard:placement", pk)


def place_choices(client: Client) -> list[tuple[str, str]]:
    """(words, address) of each kind of partner that a claim may go to."""
    url = reverse("dashboard:placement_new", args=[client.pk])
    return [(kind.label, f"{url}?kind={kind.value}") for kind in PartnerKind]


urls = [
    path("placements/", PlacementList.as_view(), name="placements"),
    path("placements/<int:pk>/", page, name="placement"),
    path("placements/<int:pk>/items/", items_file, name="placement_items"),
    path("placements/<int:pk>/pack/", pack, name="placement_pack"),
    path("placements/<int:pk>/receipts/", report, name="placement_report"),
    path("placements/<int:pk>/recall/", take_back, name="placement_recall"),
    path("placements/<int:pk>/close/", close, name="placement_close"),
    path("clients/<int:pk>/place/", new, name="placement_new"),
]
