"""Contact profiles as staff change them: every change is a new version, and the old ones stay as evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import localdate

from invoices.services.audit import Actor, record, user_or_none

from ..errors import DunningError
from ..models import ContactProfile
from ..queries.profiles import shipped_profiles
from ..rules.profile_reading import BadProfile, read_profile


class Draft(NamedTuple):
    """`rules` as in the shipped file, without the columns of the row."""

    code: str
    name: str
    source: str
    valid_from: date
    rules: Mapping[str, Any]


@transaction.atomic
def save_profile(draft: Draft, *, actor: Actor, is_active: bool = True) -> ContactProfile:
    """The next version of a profile, or a new one; not active: it no longer holds anybody back.

    Raises DunningError for rules that cannot be read, and for a version that would begin in the future, since the one
    before it ends at once.
    """
    if draft.valid_from > localdate():
        raise DunningError("A version holds from the day it is saved, or from an earlier one; enter today.")
    version = _last_version(draft.code) + 1
    given = {"id": draft.code, "name": draft.name, "source": draft.source, "valid_from": draft.valid_from}
    try:
        read_profile({**draft.rules, **given, "version": version})
    except BadProfile as error:
        raise DunningError(str(error)) from error
    row = ContactProfile.objects.create(
        code=draft.code,
        version=version,
        name=draft.name,
        source=draft.source,
        valid_from=draft.valid_from,
        rules=dict(draft.rules),
        is_active=is_active,
        made_by=user_or_none(actor),
    )
    text = f"Contact rules “{draft.name}” version {version}" + ("" if is_active else ": switched off")
    record("contact_rules_changed", row, actor=actor, text=text, after=dict(draft.rules))
    return row


def _last_version(code: str) -> int:
    shipped = max((profile.version for profile in shipped_profiles() if profile.id == code), default=0)
    rows = ContactProfile.objects.filter(code=code)  # two at once: the second meets the unique version
    return max(shipped, rows.aggregate(last=Max("version"))["last"] or 0)
