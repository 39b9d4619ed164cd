"""Rating and credit as the pages show them."""

from __future__ import annotations

from typing import Any

from collections_app.formats import money
from invoices.models import Client, Invoice
from invoices.queries.credit import is_decided, owed_in, standing_of
from invoices.rules.credit import CreditAnswer, Standing, Verdict, credit_for
from invoices.rules.money import ZERO
from invoices.rules.risk import NEW, Rating, Trend
from invoices.services.credit import credit_answer

TONE_OF_LETTER = {"A": "ok", "B": "ok", "C": "warn", "D": "warn", "E": "bad"}
TREND_WORDS = {Trend.BETTER: ", getting better", Trend.WORSE: ", getting worse"}


def rating_badge(rating: Rating) -> tuple[str, str]:
    """Words and tone, such as ("Rating C, getting worse", "warn")."""
    if rating.letter == NEW:
        return "Not rated yet", "quiet"
    return f"Rating {rating.letter}{TREND_WORDS.get(rating.trend, '')}", TONE_OF_LETTER[rating.letter]


def bar(standing: Standing) -> dict[str, Any] | None:
    """What components/progress.html takes; None without a limit."""
    if standing.limit is None:
        return None
    drafts = f" and {money(standing.drafts, standing.currency)} in drafts" if standing.drafts else ""
    text = f"{money(standing.owed, standing.currency)}{drafts} of {money(standing.limit, standing.currency)}"
    used = standing.used_percent or 0
    tone = "bad" if used > 100 else ("warn" if used >= 80 else "")
    return {"label": "Credit used", "value": min(used, 100), "max": 100, "text": text, "tone": tone}


def said_of_draft(client: Client | None, amount: Any, currency: str) -> list[tuple[str, str]]:
    """(sentence, tone) to show while a draft over `amount` is written: the limit, a hold, no decision yet."""
    if client is None:
        return []
    counts = client.credit_limit is not None and currency == client.currency
    owed = owed_in(client, currency) if counts else ZERO
    return [*told(credit_for(standing_of(client, owed), amount or ZERO, currency)), *undecided(client)]


def credit_of_draft(invoice: Invoice) -> dict[str, Any]:
    """What the page says before a draft is issued, and whether it is stopped."""
    answer = credit_answer(invoice.client, invoice)
    return {
        "credit_said": [*told(answer), *undecided(invoice.client)],
        "is_credit_stopped": answer.verdict is Verdict.STOP,
    }


def told(answer: CreditAnswer) -> list[tuple[str, str]]:
    tones = {Verdict.STOP: "bad", Verdict.WARN: "warn", Verdict.FINE: "info"}
    return [(answer.text, tones[answer.verdict])] if answer.text else []


def undecided(client: Client) -> list[tuple[str, str]]:
    """A client never invoiced, about whose credit nobody decided."""
    if client.credit_limit is not None or client.invoices.exclude(status="draft").exists() or is_decided(client.pk):
        return []
    return [("Nobody has decided about this client's credit yet: no application was granted or refused.", "info")]
