"""How a contact wants to hear from us, as he says in the portal himself. Nothing here stops what has to reach a client:

invoices need one address, and letters go by post.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from invoices.models import Client, Contact, StatementSchedule
from invoices.services.changes import change_row
from invoices.services.clients import change_contact
from invoices.services.ledger import lock_client, wake

from ..errors import OutsideLimits
from ..models import Channel, Consent
from .requests import actor_of

# What he reads beside the box; kept with the consent.
SMS_WORDS = "I agree to text messages about open invoices to my number. I can withdraw this here, or by answering STOP."
OWN = ("receives_reminders", "receives_invoices", "receives_statements", "refuses_calls", "language")


class Wishes(NamedTuple):
    """`is_monthly`: one statement a month in place of single reminders by mail."""

    receives_reminders: bool
    receives_invoices: bool
    receives_statements: bool
    refuses_calls: bool
    language: str
    has_sms_consent: bool
    is_monthly: bool


@transaction.atomic
def set_preferences(contact: Contact, wishes: Wishes, *, address: str = "") -> list[str]:
    """Returns the labels of what changed. `address` is the network address, kept with a consent.

    Raises OutsideLimits where nobody would be left for invoices, or there is no number for text messages.
    """
    client = lock_client(contact.client_id)
    contact = Contact.objects.get(pk=contact.pk)
    _check(client, contact, wishes)
    values = {name: getattr(wishes, name) for name in OWN}
    if wishes.is_monthly:
        values |= {"receives_reminders": False, "receives_statements": True}
    if wishes.has_sms_consent != contact.has_sms_consent:
        values["has_sms_consent"] = wishes.has_sms_consent
        _keep_consent(contact, Channel.SMS, wishes.has_sms_consent, SMS_WORDS, address)
    if values["receives_reminders"] != contact.receives_reminders:
        words = "Reminders by mail"
        _keep_consent(contact, Channel.EMAIL, values["receives_reminders"], words, address)
    changed = change_contact(contact.pk, values, actor=actor_of(contact))
    changed += _statement(client, wishes, actor_of(contact))
    if changed:
        wake([client.pk], localdate())
    return changed


def _check(client: Client, contact: Contact, wishes: Wishes) -> None:
    others = client.contacts.filter(is_active=True, receives_invoices=True).exclude(pk=contact.pk).exclude(email="")
    if contact.receives_invoices and not wishes.receives_invoices and not others.exists():
        raise OutsideLimits("Invoices have to reach somebody. Name another person under Contacts first.")
    if wishes.has_sms_consent and not contact.phone:
        raise OutsideLimits("We have no number of yours for text messages. Give us one under Contacts first.")


def _statement(client: Client, wishes: Wishes, actor: str) -> list[str]:
    """A weekly or quarterly statement that staff arranged stays as it is, unless he asks for a monthly one."""
    is_monthly = client.statement_schedule == StatementSchedule.MONTHLY
    if wishes.is_monthly == is_monthly:
        return []
    schedule: Any = StatementSchedule.MONTHLY if wishes.is_monthly else StatementSchedule.NEVER
    values = {"statement_schedule": schedule.value}
    return change_row(client, values, verb="client_changed", actor=actor, client_id=client.pk)


def _keep_consent(contact: Contact, channel: str, is_given: bool, words: str, address: str) -> None:
    Consent.objects.create(
        contact=contact, channel=channel, is_given=is_given, how="Portal", words=words, address=address[:60]
    )
