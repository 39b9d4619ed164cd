"""The procedure that ships: polite, short, in eight steps (design: engine.md, section 4)."""

from __future__ import annotations

NAME = "Standard"

# One row a level, in the fields of DunningLevel.
LEVELS: tuple[dict[str, object], ...] = (
    {
        "position": 1,
        "name": "Friendly notice",
        "days_past_due": -5,
        "is_in_business_days": True,
        "channel": "email",
        "template": "friendly",
    },
    {"position": 2, "name": "First reminder", "days_past_due": 1, "channel": "email", "template": "reminder"},
    {"position": 3, "name": "Second reminder", "days_past_due": 7, "channel": "email", "template": "firm"},
    {
        "position": 4,
        "name": "Call",
        "days_past_due": 10,
        "channel": "call",
        "template": "call",
        "minimum_amount": 250,
    },
    {
        "position": 5,
        "name": "Account manager's mail",
        "days_past_due": 21,
        "channel": "email",
        "template": "manager",
        "attaches_invoices": True,
    },
    {
        "position": 6,
        "name": "Formal demand",
        "days_past_due": 30,
        "channel": "letter",
        "kind": "demand",
        "approval": "batch",
        "template": "demand",
        "deadline_days": 10,
        "attaches_invoices": True,
    },
    {
        "position": 7,
        "name": "Final notice",
        "days_past_due": 45,
        "channel": "letter",
        "kind": "final",
        "approval": "each",
        "template": "final",
        "deadline_days": 14,
        "attaches_invoices": True,
    },
    {
        "position": 8,
        "name": "Decide what comes next",
        "days_past_due": 60,
        "channel": "decide",
        "kind": "decision",
        "template": "decide",
    },
)
