"""The page that a browser can pay on: amount, lines and four buttons, no script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from tests.fakes.card_processor.ledger import Record
from tests.fakes.card_processor.params import Refused

if TYPE_CHECKING:
    from tests.fakes.card_processor import FakeCardProcessor

LABELS = {"pay": "Pay", "decline": "Pay with a bad card", "later": "Pay by bank debit", "cancel": "Back"}
LEADS_TO = {"pay": "success_url", "later": "success_url", "cancel": "cancel_url"}


def visit(fake: FakeCardProcessor, session_id: str, body: str) -> tuple[int, str, str]:
    """Status, HTML and address to go on to. A body is a button pressed; without one the page is only looked at."""
    session = fake.ledger.objects.get(session_id)
    if session is None:
        return 404, _html("<h1>Something went wrong</h1><p>This page does not exist.</p>"), ""
    action = parse_qs(body).get("action", [""])[0]
    acts = {"pay": fake.bank.pay, "decline": fake.bank.decline, "later": fake.bank.pay_later}
    try:
        if action in acts:
            acts[action](session_id)
    except Refused as refused:
        return 200, _html(f"<h1>{escape(str(refused))}</h1>"), ""
    if action in LEADS_TO:
        return 303, "", session[LEADS_TO[action]].replace("{CHECKOUT_SESSION_ID}", session_id)
    if session["status"] != "open":
        return 200, _html(f"<h1>This page is {session['status']}.</h1>"), ""
    return 200, _html(_form(session, "Your card was declined." if action == "decline" else "")), ""


def _form(session: Record, problem: str) -> str:
    lines = "".join(
        f"<li>{escape(line['price_data']['product_data']['name'])}: {line['price_data']['unit_amount']}</li>"
        for line in session["_lines"]
    )
    buttons = "".join(f"<button name='action' value='{name}'>{label}</button> " for name, label in LABELS.items())
    alert = f"<p role='alert'>{escape(problem)}</p>" if problem else ""
    amount = f"{session['currency'].upper()} {session['amount_total']} (minor units)"
    return f"<h1>{amount}</h1>{alert}<ul>{lines}</ul><form method='post'>{buttons}</form>"


def _html(inner: str) -> str:
    return f"<!doctype html><html lang='en'><title>Pay</title><body><main>{inner}</main></body></html>"
