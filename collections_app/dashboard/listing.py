"""List pages by declaration: say the columns, filters and search, get the page.

    class InvoiceList(ListPage):
        title = "Invoices"
        queryset = Invoice.objects.select_related("client").all
        order = "due_on"
        columns = [
            Column("number", "Invoice", link=Invoice.get_absolute_url),
            Column("due_on", "Due", "date", sort=True),
            Column("open_amount", "Open", "money", sort=True),
        ]
        filters = [Filter("status", "Status", "status", Invoice.Status.choices)]
        search = queries.invoice_search  # text -> Q; or names of fields

Pages are walked by key (`keyset.py`); a count stops at COUNT_CAP. Everything that is chosen stands in the address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.views import View

from collections_app.permissions import user_can

from . import exports, keyset
from .columns import BulkAction, Column, Filter, Link

__all__ = ["BulkAction", "Column", "Filter", "Link", "ListPage"]

COUNT_CAP = 1_000
BULK_LIMIT = 500
NOT_STATE = ("after", "before", "export")


@dataclass(frozen=True)
class Row:
    """One row as the template shows it."""

    pk: Any
    css: str
    cells: SafeString


@dataclass(frozen=True)
class Field:
    """One filter as the form shows it."""

    filter: Filter
    options: list[tuple[str, str]]
    value: str


@dataclass(frozen=True)
class Head:
    """One column head: the address that sorts by it, and how it sorts now."""

    label: str
    classes: str
    url: str = ""
    state: str = "none"


class ListPage(View):
    title: ClassVar[str]
    subtitle: ClassVar[str] = ""
    queryset: ClassVar[Callable[[], QuerySet]]
    columns: ClassVar[Sequence[Column]]
    order: ClassVar[str] = "-pk"
    filters: ClassVar[Sequence[Filter]] = ()
    search: ClassVar[Sequence[str] | Callable[[str], Q]] = ()
    search_hint: ClassVar[str] = "Search"
    tabs: ClassVar[Sequence[tuple[str, str]]] = ()  # (label, query string)
    actions: ClassVar[Sequence[BulkAction]] = ()
    links: ClassVar[Sequence[Link]] = ()
    errors: ClassVar[tuple[type[Exception], ...]] = ()  # what a service may refuse with; shown to the reader
    permission: ClassVar[str] = "view"  # a capability of `collections_app.permissions`
    empty_title: ClassVar[str] = "Nothing here yet"
    empty_text: ClassVar[str] = ""
    page_size: ClassVar[int] = 50
    template_name: ClassVar[str] = "dashboard/list.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not user_can(request.user, self.permission):
            raise PermissionDenied("Your role does not include this page. Ask a manager to look it up for you.")
        return super().dispatch(request, *args, **kwargs)

    # --- what a page may say otherwise -----------------------------------------------------------------------------

    def rows(self) -> QuerySet:
        """All rows this reader may see; a page that depends on the request overrides it."""
        return type(self).queryset()

    def row_css(self, row: Any) -> str:
        """A class of the row, such as `is-quiet`."""
        return ""

    def extra(self) -> dict[str, Any]:
        """More template variables."""
        return {}

    # --- faces -----------------------------------------------------------------------------------------------------

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.problems: list[str] = []
        rows = self.chosen()
        order = self.sorting(rows)
        kind = request.GET.get("export")
        if kind in ("csv", "xlsx"):
            return self.export(kind, keyset.ordered(rows, order))
        page = keyset.page(
            rows, order, self.page_size, after=request.GET.get("after"), before=request.GET.get("before")
        )
        is_part = request.headers.get("HX-Target") == "list" and not request.headers.get("HX-History-Restore-Request")
        template = "components/table.html" if is_part else self.template_name
        answer = render(request, template, self.context(rows, order, page))
        # The part and the whole share one address; without this a browser's Back may show the bare part.
        patch_vary_headers(answer, ["HX-Request", "HX-Target"])
        return answer

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Run a bulk action on the ticked rows that this reader may see, and come back to the same list."""
        action = next((a for a in self.permitted(self.actions) if a.name == request.POST.get("action")), None)
        if action is None:
            raise Http404
        keys = [key for key in request.POST.getlist("row") if key.isascii() and key.isdecimal() and len(key) < 19]
        chosen = list(self.rows().filter(pk__in=keys[:BULK_LIMIT]))
        if not chosen:
            messages.warning(request, f"Nothing is ticked. Tick the rows first, then choose “{action.label}”.")
            return redirect(request.get_full_path())
        try:
            messages.success(request, action.run(request, chosen))
        except self.errors as error:
            messages.error(request, str(error))
        return redirect(request.get_full_path())

    # --- choosing --------------------------------------------------------------------------------------------------

    def chosen(self) -> QuerySet:
        rows = self.rows()
        self.fields = []
        for filter_ in self.filters:
            rows = self.narrowed(rows, filter_)
        if text := self.text:
            search = type(self).search
            rows = rows.filter(search(text) if callable(search) else words_in(search, text))
        return rows

    @property
    def has_search(self) -> bool:
        # A template must not touch `search` itself: it would call it, with the page as the text.
        return bool(type(self).search)

    @property
    def text(self) -> str:
        # PostgreSQL refuses NUL in text; nobody searches for it.
        return self.request.GET.get("q", "").replace("\0", "").strip()[:200]

    def narrowed(self, rows: QuerySet, filter_: Filter) -> QuerySet:
        raw = self.request.GET.get(filter_.name, filter_.default).replace("\0", "").strip()
        options = filter_.options()
        self.fields.append(Field(filter_, options, raw))
        if not raw:
            return rows
        try:
            return filter_.narrow(rows, filter_.parse(raw, options))
        except ValueError as error:
            self.problems.append(str(error))
            return rows

    def sorting(self, rows: QuerySet) -> keyset.Order:
        wanted = self.request.GET.get("sort", "")
        known = {column.sort_field for column in self.columns if column.sort_field}
        return keyset.Order.parse(wanted if wanted.removeprefix("-") in known else self.order, rows)

    # --- showing ---------------------------------------------------------------------------------------------------

    def context(self, rows: QuerySet, order: keyset.Order, page: keyset.Page) -> dict[str, Any]:
        return {
            "page": self,
            "rows": [self.shown(row) for row in page.rows],
            "heads": [self.head(column, order) for column in self.columns],
            "fields": self.fields,
            "tab_list": self.tab_list(),
            "problems": self.problems,
            "is_filtered": bool(self.text) or any(f.value != f.filter.default for f in self.fields),
            "count": self.count(rows, page),
            "next_url": self.address(after=page.next) if page.next else "",
            "previous_url": self.address(before=page.previous) if page.previous else "",
            "csv_url": self.address(export="csv"),
            "xlsx_url": self.address(export="xlsx"),
            "bulk": self.permitted(self.actions),
            "buttons": self.buttons(),
            **self.extra(),
        }

    def shown(self, row: Any) -> Row:
        # Joined here: 400 cells a page cost the template 4 ms more. `html` escapes; classes come from the code.
        cells = "".join(f'<td class="{column.classes}">{column.html(row)}</td>' for column in self.columns)
        return Row(row.pk, self.row_css(row), mark_safe(cells))

    def head(self, column: Column, order: keyset.Order) -> Head:
        field = column.sort_field
        if not field:
            return Head(column.label, column.classes)
        is_current = field == order.field
        url = self.address(sort=f"-{field}" if is_current and not order.is_down else field)
        state = ("descending" if order.is_down else "ascending") if is_current else "none"
        return Head(column.label, column.classes, url, state)

    def tab_list(self) -> list[dict[str, Any]]:
        tabs = []
        for label, query in self.tabs:
            wanted = QueryDict(query).dict()
            names = {name for _, other in self.tabs for name in QueryDict(other)}
            is_current = all(self.request.GET.get(name, "") == wanted.get(name, "") for name in names)
            tabs.append({"label": label, "url": f"{self.request.path}?{query}", "is_current": is_current})
        return tabs

    def count(self, rows: QuerySet, page: keyset.Page) -> str:
        """How many there are, counted no further than COUNT_CAP."""
        if not page.next and not page.previous:
            return str(len(page.rows))
        found = rows.order_by().values("pk")[: COUNT_CAP + 1].count()
        return f"{found:,}" if found <= COUNT_CAP else f"more than {COUNT_CAP:,}"

    def address(self, **changes: str) -> str:
        """This page's address with changes; the place in the list is forgotten unless it is the change."""
        query = self.request.GET.copy()
        for name in NOT_STATE:
            query.pop(name, None)
        for name, value in changes.items():
            query[name] = value
        return f"{self.request.path}?{query.urlencode()}"

    def permitted(self, things: Sequence[Any]) -> list[Any]:
        return [thing for thing in things if user_can(self.request.user, thing.permission)]

    def buttons(self) -> list[dict[str, str]]:
        shown = []
        for link in self.permitted(self.links):
            try:
                url = reverse(link.url_name)
            except NoReverseMatch:
                continue
            shown.append({"label": link.label, "url": url, "icon": link.icon, "key": link.key, "kind": link.kind})
        return shown

    def export(self, kind: str, rows: QuerySet) -> HttpResponseBase:
        name = slugify(self.title)
        if kind == "csv":
            return exports.csv_answer(name, self.columns, rows.iterator(2_000))
        if rows[exports.XLSX_LIMIT : exports.XLSX_LIMIT + 1].exists():
            limit = f"{exports.XLSX_LIMIT:,}"
            messages.error(self.request, f"An XLSX file takes at most {limit} rows. Narrow the list, or take the CSV.")
            return redirect(self.address())
        return exports.xlsx_answer(name, self.columns, rows.iterator(2_000))


def words_in(fields: Sequence[str], text: str) -> Q:
    """Any of the fields contains the text. For big tables give `search` a two-step function instead."""
    return reduce(or_, (Q((f"{name}__icontains", text)) for name in fields), Q()) if fields else Q()
