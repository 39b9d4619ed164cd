"""Declared list pages: paging by key, filters, search, exports, bulk actions. Tried on invoices of Acme and Slowco."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.test import RequestFactory
from openpyxl import load_workbook

from collections_app.dashboard import exports, keyset
from collections_app.dashboard.listing import BulkAction, Column, Filter, ListPage
from collections_app.permissions import READ_ONLY
from invoices.models import Client, Invoice

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 1)


class Refused(Exception):
    pass


def remind(request: HttpRequest, rows: list[Any]) -> str:
    if len(rows) > 2:
        raise Refused("At most 2 at once.")
    return f"{len(rows)} reminded."


class InvoiceList(ListPage):
    title = "Invoices"
    queryset = Invoice.objects.select_related("client").all
    order = "due_on"
    page_size = 4
    columns = (
        Column("number", "Invoice", link=lambda row: f"/invoices/{row.pk}/"),
        Column("client__name", "Client", sort=True),
        Column("status", "Status", "badge"),
        Column("due_on", "Due", "date", sort=True),
        Column("closed_on", "Closed", "date", sort=True),
        Column("open_amount", "Open", "money", sort=True),
        Column("paid_amount", "Paid", "money", sort=True),
    )
    filters = (
        Filter("status", "Status", "status", [("draft", "Draft"), ("issued", "Issued")]),
        Filter("due_from", "Due from", "due_on__gte", kind="date"),
    )
    search = ("number", "client__name")
    actions = (BulkAction("remind", "Remind", remind),)
    errors = (Refused,)

    def rows(self) -> QuerySet:
        return super().rows().annotate(paid_amount=F("total_amount") - F("open_amount"))


class TwoStepList(InvoiceList):
    def search(text: str) -> Q:
        return Q(client__in=list(Client.objects.filter(name__istartswith=text).values_list("pk", flat=True)[:200]))


@pytest.fixture
def fay() -> Any:
    return get_user_model().objects.create_superuser("fay", "fay@example.com")


@pytest.fixture
def invoices() -> list[Invoice]:
    """Eleven with ties in date and amount, and closing dates on some only."""
    acme = Client.objects.create(code="A", name="Acme", currency="EUR")
    slowco = Client.objects.create(code="S", name='=HYPERLINK("x")', currency="EUR")
    rows = [
        Invoice(
            client=slowco if n % 2 else acme,
            number=f"INV-{n:03}",
            status="issued",
            issued_on=DAY,
            due_on=DAY + timedelta(days=n // 3),
            closed_on=DAY + timedelta(days=n // 2) if n % 3 else None,
            currency="EUR",
            total_amount=Decimal("100.10"),
            open_amount=Decimal("10.05") * (n // 4),
        )
        for n in range(11)
    ]
    return Invoice.objects.bulk_create(rows)


def asked(page: type[ListPage], user: Any, query: str = "", *, part: bool = False, **post: Any) -> HttpResponseBase:
    factory = RequestFactory(headers={"HX-Request": "true", "HX-Target": "list"} if part else {})
    request = factory.post(f"/list/?{query}", post) if post else factory.get(f"/list/?{query}")
    request.user, request.session = user, {}
    request._messages = FallbackStorage(request)
    answer = page.as_view()(request)
    answer.said = [str(message) for message in request._messages]
    return answer


def numbers(user: Any, query: str, page: type[ListPage] = InvoiceList) -> list[str]:
    """What the page shows, read back from its HTML."""
    body = asked(page, user, query, part=True).content.decode()
    return [piece.split("<")[0] for piece in body.split('/">')[1:] if piece.startswith("INV-")]


def neighbour(user: Any, query: str, rel: str) -> str:
    """The query of the link to the next or previous page; empty when there is none."""
    body = asked(InvoiceList, user, query, part=True).content.decode()
    before = body.split(f'rel="{rel}"')[0]
    return before.rsplit('href="', 1)[1].split('"')[0].split("?", 1)[1].replace("&amp;", "&") if before != body else ""


SORTS = ["due_on", "-due_on", "closed_on", "-closed_on", "open_amount", "-open_amount", "client__name", "-paid_amount"]


@pytest.mark.parametrize("sort", SORTS)
def test_walking_forwards_shows_each_row_once(fay: Any, invoices: list[Invoice], sort: str) -> None:
    seen, query = [], f"sort={sort}"
    while query:
        seen += numbers(fay, query)
        query = neighbour(fay, query, "next")
    assert sorted(seen) == [invoice.number for invoice in invoices]


@pytest.mark.parametrize("sort", SORTS)
def test_walking_back_shows_the_same_pages(fay: Any, invoices: list[Invoice], sort: str) -> None:
    second = neighbour(fay, f"sort={sort}", "next")
    third = neighbour(fay, second, "next")
    assert numbers(fay, neighbour(fay, third, "prev")) == numbers(fay, second)


@pytest.mark.parametrize("sort", ["closed_on", "-closed_on"])
def test_rows_without_a_value_come_last(fay: Any, invoices: list[Invoice], sort: str) -> None:
    order = keyset.Order.parse(sort, Invoice.objects.all())
    last = list(keyset.ordered(Invoice.objects.all(), order))[-4:]
    assert [row.closed_on for row in last] == [None] * 4


@pytest.mark.parametrize("key", ["x", "WyJEIiwi:1:a", "%00", "%F0%9F%92%A9", "a" * 5000])
@pytest.mark.parametrize("way", ["after", "before"])
def test_a_tampered_key_gives_the_first_page(fay: Any, invoices: list[Invoice], way: str, key: str) -> None:
    assert numbers(fay, f"{way}={key}") == ["INV-000", "INV-001", "INV-002", "INV-003"]


def test_a_key_of_another_sort_gives_the_first_page(fay: Any, invoices: list[Invoice]) -> None:
    key = parse_qs(neighbour(fay, "sort=due_on", "next"))["after"][0]
    assert numbers(fay, f"sort=open_amount&after={key}") == numbers(fay, "sort=open_amount")


def test_an_unknown_sort_gives_the_usual_order(fay: Any, invoices: list[Invoice]) -> None:
    assert numbers(fay, "sort=client__account_manager__password") == numbers(fay, "")


def test_a_page_costs_two_queries(fay: Any, invoices: list[Invoice], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        asked(InvoiceList, fay, "sort=-due_on", part=True)


def test_a_plain_index_serves_a_sort_without_nulls(invoices: list[Invoice]) -> None:
    rows = Invoice.objects.all()
    assert "NULLS" not in str(keyset.ordered(rows, keyset.Order.parse("-due_on", rows)).query)


def test_the_count_stops_at_the_cap(fay: Any, invoices: list[Invoice], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collections_app.dashboard.listing.COUNT_CAP", 5)
    assert "more than 5" in asked(InvoiceList, fay, part=True).content.decode()


def test_a_filter_narrows_the_list(fay: Any, invoices: list[Invoice]) -> None:
    assert numbers(fay, "due_from=2026-01-04") == ["INV-009", "INV-010"]


@pytest.mark.parametrize("query", ["status=bogus", "due_from=2026-13-45", "due_from=yesterday"])
def test_a_filter_that_makes_no_sense_is_named(fay: Any, invoices: list[Invoice], query: str) -> None:
    assert "so this filter is off." in asked(InvoiceList, fay, query, part=True).content.decode()


@pytest.mark.parametrize(("text", "found"), [("inv-00", 4), ("ACME", 4), ("nobody", 0), ("%25", 0), ("%00inv-010", 1)])
def test_search_looks_into_the_declared_fields(fay: Any, invoices: list[Invoice], text: str, found: int) -> None:
    assert len(numbers(fay, f"q={text}")) == found


def test_search_may_be_a_function_of_the_text(fay: Any, invoices: list[Invoice]) -> None:
    assert numbers(fay, "q=acm", TwoStepList) == ["INV-000", "INV-002", "INV-004", "INV-006"]


def test_nothing_found_offers_to_clear_the_filters(fay: Any) -> None:
    assert "Clear all filters" in asked(InvoiceList, fay, "q=nobody", part=True).content.decode()


def test_cells_are_escaped(fay: Any, invoices: list[Invoice]) -> None:
    Client.objects.filter(code="A").update(name="<script>alert(1)</script>")
    assert "<script>alert" not in asked(InvoiceList, fay, part=True).content.decode()


def test_csv_honours_the_filters_and_is_harmless(fay: Any, invoices: list[Invoice]) -> None:
    lines = b"".join(asked(InvoiceList, fay, "export=csv&due_from=2026-01-04")).decode().splitlines()
    assert lines == [
        "\ufeffInvoice,Client,Status,Due,Closed,Open,Currency,Paid",
        'INV-009,"\'=HYPERLINK(""x"")",Issued,2026-01-04,,20.10,EUR,80.00',
        "INV-010,Acme,Issued,2026-01-04,2026-01-06,20.10,EUR,80.00",
    ]


def test_xlsx_keeps_figures_and_dates_as_such(fay: Any, invoices: list[Invoice]) -> None:
    answer = asked(InvoiceList, fay, "export=xlsx&due_from=2026-01-04")
    sheet = load_workbook(BytesIO(b"".join(answer))).active
    answer.close()
    row = [cell.value for cell in sheet[2]]
    assert (row[1], row[3].date(), row[5]) == ('\'=HYPERLINK("x")', date(2026, 1, 4), 20.1)


def test_a_list_too_long_for_xlsx_says_so(fay: Any, invoices: list[Invoice], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "XLSX_LIMIT", 3)
    assert asked(InvoiceList, fay, "export=xlsx").said == [
        "An XLSX file takes at most 3 rows. Narrow the list, or take the CSV."
    ]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20 7946", "'+44 20 7946"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("-12.50", "-12.50"),
        ("-1,200", "-1,200"),
        ("-", "'-"),
        ("Acme", "Acme"),
        ("", ""),
    ],
)
def test_a_cell_that_a_spreadsheet_would_compute_is_neutralised(text: str, safe: str) -> None:
    assert exports.harmless(text) == safe


def test_a_bulk_action_runs_on_the_ticked_rows(fay: Any, invoices: list[Invoice]) -> None:
    answer = asked(InvoiceList, fay, "status=issued", action="remind", row=[invoices[0].pk, invoices[1].pk])
    assert (answer.said, urlsplit(answer["Location"]).query) == (["2 reminded."], "status=issued")


def test_a_refusal_of_the_service_is_shown(fay: Any, invoices: list[Invoice]) -> None:
    answer = asked(InvoiceList, fay, action="remind", row=[invoice.pk for invoice in invoices])
    assert answer.said == ["At most 2 at once."]


@pytest.mark.parametrize("row", ["999999", "²", "-1", "x", "9" * 40])
def test_foreign_rows_are_not_touched(fay: Any, invoices: list[Invoice], row: str) -> None:
    assert asked(InvoiceList, fay, action="remind", row=[row]).said[0].startswith("Nothing is ticked.")


def test_an_unknown_action_is_not_found(fay: Any) -> None:
    with pytest.raises(Http404):
        asked(InvoiceList, fay, action="delete")


def test_read_only_ray_may_look_but_not_act(invoices: list[Invoice]) -> None:
    ray = get_user_model().objects.create_user("ray")
    ray.groups.add(Group.objects.get_or_create(name=READ_ONLY)[0])
    assert numbers(ray, "")
    with pytest.raises(Http404):
        asked(InvoiceList, ray, action="remind", row=[invoices[0].pk])


def test_a_user_without_a_group_sees_nothing() -> None:
    with pytest.raises(PermissionDenied):
        asked(InvoiceList, get_user_model().objects.create_user("nobody"))


def test_a_stranger_is_sent_to_the_login() -> None:
    assert asked(InvoiceList, AnonymousUser())["Location"].startswith("/account/login/")
