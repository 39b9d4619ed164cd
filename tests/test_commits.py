"""The rows that migrations made are there in every test, also behind tests that empty the tables."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_rows_of_the_migrations_are_there_behind_a_commit(turn: int) -> None:
    assert Group.objects.exists()


@pytest.mark.django_db
def test_rows_of_the_migrations_are_there() -> None:
    assert Group.objects.exists()
