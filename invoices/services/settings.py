"""What is printed about us on documents, changed with a trace: bank details above all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from ..models import Organisation
from .audit import Actor
from .changes import change_row


@transaction.atomic
def change_organisation(values: Mapping[str, Any], *, actor: Actor) -> list[str]:
    """Change our own details; returns the labels of what changed."""
    organisation, _ = Organisation.objects.select_for_update().get_or_create(pk=1)
    return change_row(organisation, values, verb="organisation_changed", actor=actor)
