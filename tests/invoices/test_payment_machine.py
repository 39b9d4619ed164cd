"""Whatever happens to online payments, and however it is told: after one poll the books equal the processor's truth."""

from __future__ import annotations

import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_machine import OnlinePayments

# A failing story is shown as found: shrinking it, over HTTP and with a database below, takes minutes.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


@pytest.mark.django_db
def test_books_equal_the_processor_after_one_poll(card_processor, caplog):  # noqa: F811
    caplog.set_level("CRITICAL")
    OnlinePayments.fake = card_processor
    run_state_machine_as_test(
        OnlinePayments,
        settings=hypothesis_settings(max_examples=12, stateful_step_count=20, phases=PHASES, deadline=None),
    )
