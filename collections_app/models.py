"""Who works here."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A member of staff. What he may do follows from his groups; see `collections_app.permissions`."""

    phone = models.CharField(max_length=40, blank=True, help_text="Shown to clients as the number to call.")
    job_title = models.CharField(max_length=80, blank=True)

    @property
    def full_name(self) -> str:
        return self.get_full_name() or self.username
