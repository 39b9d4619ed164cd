"""Credit on the pages: why this rating, the limit, an application from asking to the decision, the stop."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.models import AuditEvent, Client, CreditApplication, TradeReference
from invoices.services.issuing import NewInvoice, draft_invoice
from reminders.services.credit_reviews import make_review_tasks
from tests.builders import fay as fay_of_no_group
from tests.builders import ray

from .ledger_world import World, a_line, a_world, browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def manager(world: World) -> Browser:
    return browser_of(world.fay)


@pytest.fixture
def collector(world: World) -> Browser:
    user = fay_of_no_group().__class__.objects.create_user("cleo")
    user.groups.set([Group.objects.get(name="Collector")])
    return browser_of(user)


def credit_url(client: Client) -> str:
    return reverse("dashboard:credit", args=[client.pk])


def test_page_says_why_and_how_much(manager, world):
    Client.objects.filter(pk=world.slowco.pk).update(credit_limit=Decimal(1000))
    page = manager.get(credit_url(world.slowco)).content.decode()
    assert "Why this rating" in page
    assert "1,600.00\u00a0GBP and 96.00\u00a0GBP in drafts of 1,000.00\u00a0GBP" in page
    assert "More is owed than the limit allows." in page


def test_client_page_shows_rating_and_limit(manager, world):
    Client.objects.filter(pk=world.slowco.pk).update(credit_limit=Decimal(1000))
    page = manager.get(reverse("dashboard:client", args=[world.slowco.pk])).content.decode()
    assert "Not rated yet" in page
    assert "Credit used" in page


def test_application_goes_from_asking_to_the_limit(manager, world):
    here = credit_url(world.acme)
    given = {"asked_amount": "5,000", "registration_number": "01234567", "asked_by": "Ann Lee"}
    manager.post(reverse("dashboard:credit_apply", args=[world.acme.pk]), given)
    row = CreditApplication.objects.get()
    manager.post(reverse("dashboard:credit_reference", args=[row.pk]), {"name": "Steel Ltd"})
    reference = TradeReference.objects.get()
    manager.post(reverse("dashboard:reference_answer", args=[reference.pk]), {"answer": "Pays in 30 days."})
    page = manager.get(here).content.decode()
    assert "Steel Ltd" in page
    assert "Pays in 30 days." in page
    grant = {"amount": "4000", "policy": "stop", "note": "Good references", "review_on": "2030-01-01"}
    manager.post(reverse("dashboard:credit_grant", args=[row.pk]), grant)
    world.acme.refresh_from_db()
    assert (world.acme.credit_limit, world.acme.credit_policy) == (Decimal(4000), "stop")
    assert "Good references" in manager.get(here).content.decode()


def test_refusal_needs_its_reason(manager, world):
    manager.post(reverse("dashboard:credit_apply", args=[world.acme.pk]), {"asked_by": "Ann Lee"})
    refuse = reverse("dashboard:credit_refuse", args=[CreditApplication.objects.get().pk])
    assert manager.post(refuse, {"reason": ""}).status_code == 422
    manager.post(refuse, {"reason": "No accounts filed"})
    assert CreditApplication.objects.get().status == "refused"


def test_limit_by_hand_keeps_who_and_why(manager, world):
    url = reverse("dashboard:credit_limit", args=[world.acme.pk])
    assert manager.post(url, {"amount": "10", "policy": "warn"}).status_code == 422
    manager.post(url, {"amount": "10", "policy": "warn", "note": "Small jobs only"})
    row = CreditApplication.objects.get()
    assert (row.decided_by, row.decision_note, row.granted_amount) == (world.fay, "Small jobs only", Decimal(10))


def test_collector_asks_and_a_manager_decides(collector, world):
    collector.post(reverse("dashboard:credit_apply", args=[world.acme.pk]), {"asked_by": "Ann Lee"})
    row = CreditApplication.objects.get()
    assert "A manager decides about it." in collector.get(credit_url(world.acme)).content.decode()
    for name in ("credit_grant", "credit_refuse"):
        assert collector.post(reverse(f"dashboard:{name}", args=[row.pk]), {"reason": "x"}).status_code == 403
    assert collector.post(reverse("dashboard:credit_limit", args=[world.acme.pk]), {}).status_code == 403


def test_reader_changes_nothing(world):
    reader = browser_of(ray())
    assert reader.get(credit_url(world.acme)).status_code == 200
    assert (
        reader.post(reverse("dashboard:credit_apply", args=[world.acme.pk]), {"asked_by": "Ann Lee"}).status_code == 403
    )


def test_what_is_not_there_is_not_found(manager):
    assert manager.get(reverse("dashboard:credit", args=[99_999])).status_code == 404
    for name in ("credit_reference", "credit_grant", "credit_refuse", "reference_answer"):
        assert manager.post(reverse(f"dashboard:{name}", args=[99_999]), {}).status_code == 404


@pytest.mark.parametrize(
    ("value", "found"), [("over", ["Slowco plc"]), ("hold", ["Acme Ltd"]), ("limited", ["Slowco plc"])]
)
def test_list_of_clients_by_credit(manager, world, value, found):
    Client.objects.filter(pk=world.slowco.pk).update(credit_limit=Decimal(1000))
    Client.objects.filter(pk=world.acme.pk).update(is_credit_hold=True)
    page = manager.get(reverse("dashboard:clients"), {"credit": value}).content.decode()
    assert [name for name in ("Acme Ltd", "Slowco plc") if name in page] == found


def test_talk_is_closed_with_the_next_date(manager, world):
    Client.objects.filter(pk=world.acme.pk).update(check_in_on=localdate())
    make_review_tasks(localdate())
    task = world.acme.tasks.get()
    assert "Next talk on" in manager.get(reverse("dashboard:task", args=[task.pk])).content.decode()
    manager.post(reverse("dashboard:task_close", args=[task.pk]), {"outcome": "Well", "next_on": "2030-03-01"})
    world.acme.refresh_from_db()
    assert world.acme.check_in_on.isoformat() == "2030-03-01"


class TestStop:
    @pytest.fixture
    def issue(self, world: World) -> str:
        Client.objects.filter(pk=world.slowco.pk).update(credit_limit=Decimal(1000), credit_policy="stop")
        return reverse("dashboard:invoice_issue", args=[world.draft.pk])

    def test_is_shown_before_issuing(self, collector, issue):
        page = collector.get(issue).content.decode()
        assert "over the credit limit of 1000.00 GBP" in page
        assert "over_limit_reason" not in page

    def test_holds_a_collector_even_with_a_reason(self, collector, issue, world):
        collector.post(issue, {"over_limit_reason": "Please"})
        world.draft.refresh_from_db()
        assert world.draft.status == "draft"

    def test_lets_a_manager_through_with_a_reason(self, manager, issue, world):
        manager.post(issue)
        world.draft.refresh_from_db()
        assert world.draft.status == "draft"
        manager.post(issue, {"over_limit_reason": "Prepaid on Monday"})
        world.draft.refresh_from_db()
        assert world.draft.status == "issued"
        assert AuditEvent.objects.filter(verb="credit_overridden").exists()

    def test_is_said_while_the_draft_is_written(self, manager, issue, world):
        given = {
            "client": world.slowco.code, "currency": "GBP", "issued_on": localdate().isoformat(), "rows": "1",
            "line-0-description": "Saws", "line-0-quantity": "1", "line-0-unit_price": "10", "line-0-tax_rate": "0",
        }  # fmt: skip
        page = manager.post(reverse("dashboard:invoice_preview"), given).content.decode()
        assert "over the credit limit" in page

    def test_warning_only_warns(self, collector, issue, world):
        Client.objects.update(credit_policy="warn")
        assert "over the credit limit" in collector.get(issue).content.decode()
        collector.post(issue)
        world.draft.refresh_from_db()
        assert world.draft.status == "issued"

    def test_new_client_nobody_decided_about_is_said(self, manager, world):
        draft = draft_invoice(world.acme, NewInvoice("GBP", localdate()), [a_line("80")], actor=world.fay)
        page = manager.get(reverse("dashboard:invoice_issue", args=[draft.pk])).content.decode()
        assert "Nobody has decided about this client" in page
