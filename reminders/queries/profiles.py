"""The contact profiles in force: those shipped with the product, and the rows that staff put over them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from ..models import ContactProfile
from ..rules.guardrails import Profile
from ..rules.profile_reading import read_profile


@cache
def shipped_profiles() -> tuple[Profile, ...]:
    with (files("reminders") / "data" / "profiles.toml").open("rb") as file:
        return tuple(read_profile(given) for given in tomllib.load(file)["profile"])


def profiles() -> tuple[Profile, ...]:
    """Shipped profiles and rows; `guardrails.applicable` takes the newest version of each that fits.

    A row that is not active silences its profile up to its version.
    """
    rows = {row.code: row for row in ContactProfile.objects.order_by("code", "version")}
    shipped = [p for p in shipped_profiles() if p.id not in rows or rows[p.id].version < p.version]
    edited = [
        read_profile(
            {
                **row.rules,
                "id": row.code,
                "version": row.version,
                "name": row.name,
                "source": row.source,
                "valid_from": row.valid_from,
            }
        )
        for row in rows.values()
        if row.is_active
    ]
    return (*shipped, *edited)
