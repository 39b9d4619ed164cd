"""Pages, asked in process by a member of staff and by a client; without the network, with everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from django.conf import settings
from django.test import Client as Browser
from django.test.utils import setup_test_environment
from django.urls import reverse

from collections_app.dashboard import keyset
from collections_app.dashboard.pages.invoices import InvoiceList
from collections_app.models import User
from collections_app.permissions import MANAGER
from collections_app.staff import add_user
from invoices.models import Client, Contact, Invoice
from reminders.links import portal_token

from .measure import Figures, measured_often, plain_sql
from .size import Size

DEEP = 20_000  # rows before the page in the middle of the list


def measure_pages(size: Size) -> Iterator[Figures]:
    setup_test_environment(debug=False)
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    staff, payer = _staff(), Browser()
    client = Client.objects.filter(code=f"C{size.clients // 2:06d}").get()
    contact = Contact.objects.get(client=client)
    invoices = reverse("dashboard:invoices")
    newest = "SELECT * FROM invoices_invoice ORDER BY issued_on DESC, id DESC LIMIT 51"
    number = f"B-{size.invoices // 2:07d}"
    yield _page(staff, "home page", reverse("dashboard:home"), sum_open())
    yield _page(staff, "client list", reverse("dashboard:clients"))
    yield _page(staff, "client page", reverse("dashboard:client", args=[client.pk]))
    yield _page(staff, "invoices, first page", invoices, plain_sql(newest))
    yield _page(staff, "invoices, after 20,000 rows", f"{invoices}?after={_deep_key()}", plain_sql(newest))
    by_number = plain_sql("SELECT * FROM invoices_invoice WHERE number = %s", (number,))
    yield _page(staff, "invoices, search a number", f"{invoices}?q={number}", by_number)
    yield _page(staff, "invoices, search a name", f"{invoices}?q=Client+{size.clients // 2:06d}")
    yield _page(staff, "invoices, overdue", f"{invoices}?state=overdue")
    payer.get(reverse("portal:enter", args=[portal_token(contact)]), follow=True)
    yield _page(payer, "portal", reverse("portal:overview"))


def sum_open() -> float:
    return plain_sql("SELECT currency, SUM(open_amount) FROM invoices_invoice WHERE open_amount > 0 GROUP BY currency")


def _staff() -> Browser:
    user = User.objects.filter(username="bench").first() or add_user(
        {"username": "bench", "email": "bench@example.com"}, group=MANAGER, password="benchmark-only", actor="benchmark"
    )
    browser = Browser()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def _deep_key() -> str:
    """The key of the row that stands 20,000 rows down the list (or at its end), in the list's own order."""
    rows = Invoice.objects.all()
    order = keyset.Order.parse(InvoiceList.order, rows)
    last = min(DEEP, max(0, rows.count() - 60))
    return keyset.write_key(order, keyset.ordered(rows, order)[last])


def _page(browser: Browser, name: str, url: str, sql_seconds: float | None = None) -> Figures:
    return measured_often(name, url.split("?after")[0], partial(_ask, browser, url), sql_seconds)


def _ask(browser: Browser, url: str) -> None:
    answer = browser.get(url)
    if answer.status_code != 200:
        raise AssertionError(f"{url} answers {answer.status_code}.")


PAGES: Callable[[Size], Iterator[Figures]] = measure_pages
