"""How long the bank may take money back, by the way it came."""

from __future__ import annotations

from datetime import date, timedelta

# Days after the money came in. direct_debit: the debtor's refund right in the SEPA core scheme, eight weeks (rulebook
# 4.3.4; Directive (EU) 2015/2366, article 77). card: the schemes' usual limit for a dispute, 120 days.
DAYS = {"direct_debit": 56, "card": 120}


def reversible_until(method: str, received_on: date) -> date | None:
    """The last day on which it may still come back; None where nobody may take it back without us."""
    days = DAYS.get(method)
    return received_on + timedelta(days=days) if days else None
