"""Members of staff: who they are and which group they are in. Nobody is deleted; what he did keeps his name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from invoices.errors import LedgerError
from invoices.services.audit import Actor, record
from invoices.services.changes import change_row

from .models import User


class LastManager(LedgerError):
    """Somebody must be left who can manage users."""


@transaction.atomic
def add_user(values: Mapping[str, Any], *, group: str, password: str, actor: Actor) -> User:
    """A new member of staff in one group. `password` has passed the validators."""
    user = User.objects.create_user(**values, password=password)
    user.groups.set([Group.objects.get(name=group)])
    record("user_added", user, actor=actor, text=f"{user.full_name} added as {group}", after={"group": group})
    return user


@transaction.atomic
def change_user(user_id: int, values: Mapping[str, Any], *, group: str, actor: Actor) -> list[str]:
    """Change a member of staff; returns the labels of what changed. Raises LastManager."""
    user = User.objects.select_for_update().get(pk=user_id)
    old = group_of(user)
    if old == "Manager" and (group != old or not values.get("is_active", user.is_active)):
        _require_other_manager(user)
    changed = change_row(user, values, verb="user_changed", actor=actor)
    if group != old:
        user.groups.set([Group.objects.get(name=group)])
        text = f"{user.full_name}: {old or 'no group'} to {group}"
        record("user_regrouped", user, actor=actor, text=text, before={"group": old}, after={"group": group})
        changed.append("group")
    return changed


def group_of(user: User) -> str:
    """The name of the user's group; empty when he has none."""
    return next(iter(sorted(group.name for group in user.groups.all())), "")


def _require_other_manager(user: User) -> None:
    others = User.objects.filter(is_active=True, groups__name="Manager").exclude(pk=user.pk)
    if not others.exists():
        raise LastManager(f"{user.full_name} is the only manager. Make somebody else a manager first.")
