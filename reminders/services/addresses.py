"""An address that does not work, and a person who wants no more: whoever tells of it, the same happens.

A mail server at once, a bounce in the mailbox, a provider's webhook, STOP by SMS, or staff.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.timezone import localdate

from invoices.models import Contact, EmailState
from invoices.services.audit import Actor, record, user_or_none
from invoices.services.ledger import wake

from ..models import Channel, Consent
from ..rules.numbers import e164
from .tasks import ask_for_contact


@transaction.atomic
def address_failed(client_id: int, channel: str, address: str, *, text: str) -> None:
    """Nothing reaches this address: it is used no more, and somebody looks for another one."""
    if channel == Channel.SMS:
        _number_is_dead(client_id, address)
    else:
        ask_for_contact(client_id, localdate(), address=address, text=text[:300])
    wake([client_id], localdate())


def _number_is_dead(client_id: int, number: str) -> None:
    for contact in Contact.objects.filter(client_id=client_id).exclude(phone="").select_related("client"):
        if e164(contact.phone, contact.client.country) == number:
            Contact.objects.filter(pk=contact.pk).update(is_phone_dead=True)


@transaction.atomic
def refuse(contact: Contact, channel: str, *, how: str, words: str, actor: Actor) -> bool:
    """No more by this channel, from now on; the refusal is kept as evidence. False when it stood already."""
    fields = {"has_sms_consent": False} if channel == Channel.SMS else {"email_state": EmailState.REFUSED}
    changed = Contact.objects.filter(pk=contact.pk).exclude(**fields).update(**fields)
    if not changed:
        return False
    _keep(contact, channel, is_given=False, how=how, words=words, actor=actor)
    name = "text messages" if channel == Channel.SMS else "mail"
    text = f"{contact} wants no more {name}: {words}"
    record("opted_out", contact, actor=actor, client_id=contact.client_id, text=text[:300])
    wake([contact.client_id], localdate())
    return True


@transaction.atomic
def agree_to_sms(contact: Contact, *, how: str, words: str, actor: Actor) -> bool:
    """Text messages may be sent to this person. False when that stood already."""
    if not Contact.objects.filter(pk=contact.pk, has_sms_consent=False).update(has_sms_consent=True):
        return False
    _keep(contact, Channel.SMS, is_given=True, how=how, words=words, actor=actor)
    text = f"{contact} agrees to text messages: {words}"
    record("opted_in", contact, actor=actor, client_id=contact.client_id, text=text[:300])
    wake([contact.client_id], localdate())
    return True


def _keep(contact: Contact, channel: str, *, is_given: bool, how: str, words: str, actor: Actor) -> None:
    Consent.objects.create(
        contact=contact, channel=channel, is_given=is_given, how=how[:60], words=words[:2000], by=user_or_none(actor)
    )
