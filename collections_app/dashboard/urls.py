"""Staff pages. Each page module lists its own addresses in `urls`."""

from __future__ import annotations

from .pages import (
    ageing,
    audit,
    client,
    client_timeline,
    clients,
    contacts,
    disputes,
    drafts,
    imports,
    invoices,
    receipt_entry,
    receipts,
    settings,
    standing,
    terms,
    users,
)

app_name = "dashboard"
urlpatterns = [
    *clients.urls,
    *client.urls,
    *client_timeline.urls,
    *contacts.urls,
    *standing.urls,
    *drafts.urls,
    *invoices.urls,
    *receipt_entry.urls,
    *receipts.urls,
    *disputes.urls,
    *ageing.urls,
    *imports.urls,
    *terms.urls,
    *settings.urls,
    *users.urls,
    *audit.urls,
]
