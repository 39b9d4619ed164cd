"""Column types that every money row shares."""

from __future__ import annotations

from typing import Any

from django.db import models


def money_field(**kwargs: Any) -> models.DecimalField:
    """An amount in its row's currency. Three decimals hold every ISO 4217 exponent in use (JPY 0, EUR 2, KWD 3)."""
    return models.DecimalField(max_digits=18, decimal_places=3, **kwargs)


def currency_field(**kwargs: Any) -> models.CharField:
    """An ISO 4217 code."""
    return models.CharField(max_length=3, **kwargs)
