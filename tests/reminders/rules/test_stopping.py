"""What a block stops, as staff read it."""

from __future__ import annotations

import pytest

from reminders.models import BlockReason
from reminders.queries.charging import SPARING
from reminders.rules.stopping import SPARED, what_it_stops


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": "legal"}, "Notices and calls; mails about plans and disputes. He can still pay."),
        ({"reason": "paid_search", "is_whole": False}, "Notices and calls. He can still pay."),
        ({"reason": "manual", "channel": "Email"}, "Email. He can still pay."),
        ({"reason": "hardship", "is_whole": False}, "Notices and calls; late charges. He can still pay."),
    ],
)
def test_words_name_what_a_block_stops(given, words):
    assert what_it_stops(**given) == words


def test_who_is_said_to_be_spared_charges_is_spared():
    assert frozenset(BlockReason(reason).value for reason in SPARING) == SPARED
