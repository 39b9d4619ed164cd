"""The statement run: how long it takes to write the statements of many clients, and what memory it needs."""

from __future__ import annotations

from datetime import timedelta

from invoices.models import Client, Invoice, StatementSchedule
from invoices.rules.periods import month_before
from reminders.models import Acknowledgement, AcknowledgementKind
from reminders.services.statements import send_statements

from .ledger import analyse
from .measure import Figures, measured, plain_sql
from .steps import Size

CLIENTS = 10_000
PORTION = 2_000


def statement_run(size: Size) -> Figures:
    """Monthly statements to the first 10,000 clients (or as many as there are), in portions as the worker writes them.

    The run is on the first of the month after the newest invoice, so that everything is in the books by then.
    """
    chosen = list(Client.objects.order_by("pk").values_list("pk", flat=True)[:CLIENTS])
    Client.objects.filter(pk__range=(chosen[0], chosen[-1])).update(statement_schedule=StatementSchedule.MONTHLY)
    newest = Invoice.objects.order_by("-issued_on").values_list("issued_on", flat=True)[0]
    today = (newest.replace(day=28) + timedelta(days=4)).replace(day=1)
    analyse()
    period = month_before(today)
    sql = plain_sql(
        """
        SELECT e.client_id, MAX(e.booked_on), SUM(e.amount), COUNT(e.invoice_id) FROM invoices_entry e
        WHERE e.booked_on <= %s AND e.client_id BETWEEN %s AND %s GROUP BY e.client_id
        """,
        (period.last_on, chosen[0], chosen[-1]),
    )
    portions: list[int] = []

    def work() -> None:
        while written := send_statements(today, limit=PORTION):
            portions.append(written)

    figures = measured("statements", "", work, sql)
    written = Acknowledgement.objects.filter(kind=AcknowledgementKind.STATEMENT).count()
    if written != sum(portions):
        raise AssertionError(f"{written} statements were written, {sum(portions)} were told.")
    figures.what = f"{written:,} statements for {len(chosen):,} clients, in {len(portions)} portions"
    return figures
