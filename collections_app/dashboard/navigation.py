"""The side navigation, declared. An entry whose page does not exist, or which the reader may not open, is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from collections_app.permissions import user_can


@dataclass(frozen=True)
class Entry:
    """`count` names a figure in the variable `nav_counts`; `key` follows a `g`; `permission` is a capability."""

    label: str
    url_name: str
    icon: str
    key: str = ""
    permission: str = "view"
    count: str = ""
    url: str = ""
    badge: int = 0
    is_current: bool = False


@dataclass(frozen=True)
class Section:
    label: str
    entries: tuple[Entry, ...]


SECTIONS = (
    Section(
        "",
        (
            Entry("Home", "home", "layout-dashboard", "h"),
            Entry("Worklist", "worklist", "list-checks", "w", count="worklist"),
        ),
    ),
    Section(
        "Receivables",
        (
            Entry("Clients", "clients", "building-2", "c"),
            Entry("Invoices", "invoices", "file-text", "i"),
            Entry("Recurring", "recurring_list", "repeat", count="recurring"),
            Entry("Receipts", "receipts", "banknote", "r", count="receipts"),
            Entry("Late charges", "charges", "percent"),
            Entry("Credit notes", "credit_notes", "file-minus", "k"),
            Entry("Write-offs", "write_offs", "circle-slash", "x", count="write_offs"),
            Entry("Refunds", "refunds", "undo-2", "f", count="refunds"),
            Entry("Card disputes", "card_disputes", "credit-card"),
            Entry("Payouts", "payouts", "wallet"),
            Entry("Discounts", "discounts", "badge-percent", count="discounts"),
            Entry("Settlements", "settlements", "hand-coins", count="settlements"),
            Entry("Tax on bad debts", "tax_relief", "landmark"),
            Entry("Ageing", "ageing", "chart-column-stacked", "a"),
            Entry("Ledger", "ledger", "book-open"),
        ),
    ),
    Section(
        "Collections",
        (
            Entry("Replies", "replies", "inbox", "y", count="replies"),
            Entry("Requests", "requests", "message-circle-question-mark", count="requests"),
            Entry("Calls", "calls", "phone", "l", count="calls"),
            Entry("Approvals", "approvals", "clipboard-check", "p", count="to_approve"),
            Entry("Letters", "letters", "printer", "e", count="letters"),
            Entry("Notices", "notices", "send", "n", count="notices"),
            Entry("Promises", "promises", "handshake", "o", count="promises"),
            Entry("Payment plans", "plans", "calendar-range", count="plans"),
            Entry("Disputes", "disputes", "scale", "d", count="disputes"),
            Entry("Blocks", "blocks", "shield-ban", "b"),
            Entry("Feedback", "feedback", "message-square-quote"),
            Entry("Placements", "placements", "briefcase-business"),
        ),
    ),
    Section(
        "Set-up",
        (
            Entry("Procedures", "procedures", "list-tree"),
            Entry("Texts", "words", "message-square-text"),
            Entry("Contact rules", "contact_profiles", "shield-check"),
            Entry("Runs", "runs", "play"),
            Entry("Channels", "channels", "antenna", permission="configure"),
            Entry("Simulations", "simulations", "telescope"),
            Entry("Experiments", "experiments", "flask-conical"),
            Entry("Partners", "partners", "gavel"),
            Entry("Payment terms", "terms", "calendar-clock"),
            Entry("Reference rates", "rates", "chart-no-axes-column-increasing"),
            Entry("Interest calculator", "interest", "calculator"),
            Entry("Imports", "imports", "upload", permission="work"),
            Entry("Audit", "audit", "history"),
            Entry("Closed months", "periods", "lock", permission="configure"),
            Entry("Users", "users", "users", permission="configure"),
            Entry("Settings", "settings", "settings", permission="configure"),
        ),
    ),
)


def sections(request: HttpRequest, counts: Mapping[str, int]) -> list[Section]:
    """The sections with at least one entry for this reader; `is_current` marks the page that is open."""
    shown = []
    for section in SECTIONS:
        entries = tuple(found for entry in section.entries if (found := resolved(entry, request, counts)))
        if entries:
            shown.append(Section(section.label, entries))
    return shown


def resolved(entry: Entry, request: HttpRequest, counts: Mapping[str, int]) -> Entry | None:
    if not user_can(request.user, entry.permission):
        return None
    try:
        url = reverse(f"dashboard:{entry.url_name}")
    except NoReverseMatch:
        return None
    # The home page's address is the beginning of every other one.
    is_current = request.path == url or (entry.url_name != "home" and request.path.startswith(url))
    return replace(entry, url=url, badge=counts.get(entry.count, 0), is_current=is_current)
