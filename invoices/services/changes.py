"""Change named fields of one row, and say what changed: the audit event keeps the values before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from .audit import Actor, record


def change_row(
    row: models.Model, values: Mapping[str, Any], *, verb: str, actor: Actor, client_id: int | None = None
) -> list[str]:
    """Write the values that differ, with one event. Returns the labels of what changed; empty writes nothing.

    The caller holds the row lock and owns the transaction.
    """
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return []
    before = {name: _plain(getattr(row, name)) for name in changed}
    type(row)._default_manager.filter(pk=row.pk).update(**changed)
    for name, value in changed.items():
        setattr(row, name, value)
    labels = [str(row._meta.get_field(name).verbose_name) for name in changed]
    after = {name: _plain(value) for name, value in changed.items()}
    text = f"{row}: {', '.join(labels)} changed"
    record(verb, row, actor=actor, client_id=client_id, text=text, before=before, after=after)
    return labels


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
