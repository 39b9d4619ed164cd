"""The tick that drafts late charges, with what only collections knows: who is to be spared, and who was warned."""

from __future__ import annotations

from datetime import date

from invoices.services.charges import Drafted, Spared
from invoices.services.charges import draft_charges as draft

from ..queries.charging import spared_by_blocks, warned_invoices


def draft_charges(on: date) -> Drafted:
    """As `invoices.services.charges.draft_charges`; nothing for clients in hardship, breathing space or insolvency."""
    clients, invoices = spared_by_blocks(on)
    return draft(on, spared=Spared(clients, invoices, warned_invoices(on)))
