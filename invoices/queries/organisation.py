from __future__ import annotations

from ..models import Organisation
from ..rules.limits import Limit


def organisation() -> Organisation:
    """Us. Sensible defaults where nobody has filled in the settings page yet."""
    return Organisation.objects.filter(pk=1).first() or Organisation(pk=1)


def write_off_limit() -> Limit:
    """Up to this one person writes off or refunds alone."""
    us = organisation()
    return Limit(us.write_off_limit, us.currency)


def small_difference_limit() -> Limit:
    us = organisation()
    return Limit(us.small_difference, us.currency)
