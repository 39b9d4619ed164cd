"""A code by mail before a client may touch saved methods, autopay or contacts: a link alone may have been passed on."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.timezone import now

from invoices.models import Contact, StepUpCode
from invoices.services.ledger import lock_client

from ..errors import OutsideLimits
from ..models import AcknowledgementKind
from .answers import write_answer

SALT = "reminders.step_up"
GOOD_FOR = timedelta(minutes=10)
MOST_TRIES = 5
MOST_AN_HOUR = 5


@transaction.atomic
def send_code(contact: Contact) -> None:
    """Six digits to the address on file, good for ten minutes; the newest alone counts. Raises OutsideLimits."""
    if not contact.email:
        raise OutsideLimits("We have no mail address of yours to send a code to. Please ring us.")
    lock_client(contact.client_id)
    at = now()
    if StepUpCode.objects.filter(contact=contact, made_at__gt=at - timedelta(hours=1)).count() >= MOST_AN_HOUR:
        raise OutsideLimits(f"We sent {MOST_AN_HOUR} codes within the hour. Try again later, or ring us.")
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = StepUpCode.objects.create(contact=contact, code_hash=_hashed(contact, code, at), made_at=at)
    # No link in this mail: what it is for is open in front of the reader.
    facts = {"number": code, "link_days": int(GOOD_FOR.total_seconds() // 60), "portal_url": ""}
    kind = AcknowledgementKind.STEP_UP_CODE
    mail = write_answer(contact.client, kind, f"step_up:{row.pk}", contact, facts)
    if mail is not None:
        mail.facts.pop("number", None)
        mail.save(update_fields=["facts"])


def check_code(contact: Contact, code: str) -> bool:
    """Whether this is the newest code, in time, and one of the first five tries. A code opens once."""
    row = StepUpCode.objects.filter(contact=contact, made_at__gt=now() - GOOD_FOR).order_by("-made_at", "-pk").first()
    if row is None:
        return False
    # One statement takes the try: ten guesses at once are ten tries.
    live = StepUpCode.objects.filter(pk=row.pk, used_at__isnull=True)
    if not live.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
        return False
    given = "".join(character for character in code if character.isdigit())[:12]
    if not constant_time_compare(_hashed(contact, given, row.made_at), row.code_hash):
        return False
    return bool(live.update(used_at=now()))


def _hashed(contact: Contact, code: str, at: datetime) -> str:
    return salted_hmac(SALT, f"{contact.pk}:{at.timestamp()}:{code}", algorithm="sha256").hexdigest()
