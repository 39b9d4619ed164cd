"""The steps that are measured, in their order: what is prepared, the work, the SQL that reads the same rows."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

from django.core.management import call_command
from django.db.models import F
from django.db.models.functions import Mod

from invoices.models import Client
from invoices.queries.ageing import aged_balances, aged_totals
from invoices.queries.ledger import ledger_differences
from reminders.channels import CHANNELS, Message
from reminders.queries.integrity import memory_differences
from reminders.services.dispatch import send_notices
from reminders.services.dunning_run import dunning_run

from .ledger import analyse, fill, write_csv
from .measure import Figures, measured, plain_sql, timed
from .money import documents, receipts
from .size import Size


class NullChannel:
    """Delivers to nobody, at no cost."""

    @contextmanager
    def session(self):
        yield

    def send(self, message: Message) -> None:
        return None


# Sums, so that the rows are read but do not fill the memory of the process whose peak is told.
DUE_ITEMS = """
    SELECT COUNT(i.client_id), MAX(i.due_on), SUM(i.open_amount)
    FROM invoices_invoice i JOIN invoices_client c ON c.id = i.client_id
    WHERE c.review_on <= %s AND i.open_amount > 0
"""


def build(size: Size) -> Figures:
    def work() -> None:
        call_command("migrate", verbosity=0)
        fill(size.invoices, size.clients, size.on)

    figures = measured("build", f"{size.invoices:,} open invoices of {size.clients:,} clients", work)
    analyse()
    return figures


def normal_day(size: Size) -> Figures:
    """One client in a hundred is due; the rest is looked at later."""
    Client.objects.update(review_on=size.on + timedelta(days=30))
    Client.objects.annotate(rest=Mod(F("id"), 100)).filter(rest=1).update(review_on=size.on)
    analyse()
    return _run("normal day", size)


def full_run(size: Size) -> Figures:
    """Everybody is due, with everything overdue."""
    Client.objects.update(review_on=size.on)
    analyse()
    return _run("full run", size)


def _run(step: str, size: Size) -> Figures:
    sql = plain_sql(DUE_ITEMS, (size.on,))
    done = []
    figures = measured(step, "", lambda: done.append(dunning_run(size.on)), sql)
    figures.what = f"{done[0].looked_at:,} clients looked at, {done[0].proposed:,} notices"
    return figures


def dispatch(size: Size) -> Figures:
    CHANNELS["email"] = NullChannel()
    sql = plain_sql("""
        SELECT MAX(n.id), MAX(l.invoice_id), SUM(l.amount)
        FROM reminders_notice n JOIN reminders_noticeline l ON l.notice_id = n.id
        WHERE n.id IN (SELECT id FROM reminders_notice WHERE status = 'approved' ORDER BY id LIMIT 1000)
    """)
    done = []
    figures = measured("dispatch", "", lambda: done.append(send_notices(size.on, limit=1000)), sql)
    figures.what = f"{done[0].sent:,} notices sent into a null channel"
    return figures


def ageing(size: Size) -> Figures:
    """As of a past day, since which a twentieth of the entries was booked; what is due on today costs less."""
    on = size.on - timedelta(days=33)
    sql = plain_sql(
        """
        SELECT currency, SUM(amount) FROM invoices_entry WHERE invoice_id IS NOT NULL AND booked_on <= %s
        GROUP BY currency
    """,
        (on,),
    )
    return measured("ageing", f"as of {on}, by currency and bucket", lambda: aged_totals(on), sql)


def ageing_by_client(size: Size) -> Figures:
    sql = plain_sql("""
        SELECT MAX(client_id), SUM(amount) FROM (
            SELECT client_id, invoice_id, SUM(amount) AS amount FROM invoices_entry WHERE invoice_id IS NOT NULL
            GROUP BY client_id, invoice_id) items
    """)
    return measured("ageing by client", "as of today, all clients", lambda: aged_balances(size.on), sql)


def check_ledger(size: Size) -> Figures:
    sql = plain_sql("""
        SELECT MAX(invoice_id), SUM(amount) FROM (
            SELECT invoice_id, receipt_id, SUM(amount) AS amount FROM invoices_entry
            GROUP BY invoice_id, receipt_id) sums
    """)

    def work() -> None:
        differences = [*ledger_differences(), *memory_differences()]
        if differences:
            raise AssertionError(f"The books differ: {differences[:3]}")

    return measured("check_ledger", "every stored amount from the entries", work, sql)


def import_file(size: Size) -> Figures:
    path = size.folder / "invoices.csv"
    write_csv(path, size.import_rows, size.on)

    def work() -> None:
        call_command("import", "invoices", str(path), stdout=io.StringIO(), stderr=io.StringIO())

    seconds = timed(work)
    sql = plain_sql("SELECT MAX(client_id), SUM(total_amount) FROM invoices_invoice WHERE number LIKE 'IMP-%%'")
    figures = measured("import", f"{size.import_rows:,} invoices from CSV", lambda: None, sql)
    figures.seconds = round(seconds, 3)
    return figures


STEPS: dict[str, Callable[[Size], Figures]] = {
    "build": build,
    "normal-day": normal_day,
    "dispatch": dispatch,
    "full-run": full_run,
    "ageing": ageing,
    "ageing-by-client": ageing_by_client,
    "check-ledger": check_ledger,
    "import": import_file,
    "receipts": receipts,
    "documents": documents,
}
