"""The package's errors, turned into ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from invoices.gateways.card_records import CardDeclined, CardProcessorUnavailable, CardRequestRefused


@contextmanager
def own_errors() -> Iterator[None]:
    """Turns the package's errors into ours by what the caller has to do about them."""
    try:
        yield
    except stripe.CardError as error:
        raise CardDeclined(error.user_message or "The card was declined.") from error
    except stripe.RateLimitError as error:
        raise CardProcessorUnavailable("The card processor is busy; try again in a minute.") from error
    except (
        stripe.InvalidRequestError,
        stripe.IdempotencyError,
        stripe.AuthenticationError,
        stripe.PermissionError,
    ) as error:
        raise CardRequestRefused(f"The card processor refused the request: {error.user_message}") from error
    except stripe.StripeError as error:  # connection lost, time-out, 5xx, 409: it may have happened or not
        raise CardProcessorUnavailable("The card processor did not answer; what happened is unknown.") from error
