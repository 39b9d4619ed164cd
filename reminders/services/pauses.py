"""How often, and after which pauses, a message is tried again that for certain did not leave."""

from datetime import timedelta

MAX_ATTEMPTS = 5
PAUSES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
