"""A process of the product that dies at a certain step of an online payment; see test_payment_kill."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from invoices.models import Invoice  # noqa: E402
from invoices.rules.allocation import Share  # noqa: E402
from invoices.services import checkout, payments, refund_requests  # noqa: E402
from invoices.services.payments import NewPayment  # noqa: E402


def die(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    def then_die(*args: Any, **kwargs: Any) -> None:
        function(*args, **kwargs)
        die()

    return then_die


# step -> where it dies, and what the process does
STEPS: dict[str, tuple[Any, str, Callable[..., Any], str]] = {
    "before the page is asked for": (checkout, "_ask_for_page", die, "pay"),
    "after the page was made": (checkout, "_keep_page", die, "pay"),
    "after its address was kept": (checkout, "_keep_page", after(checkout._keep_page), "pay"),
    "before the processor is asked": (payments, "processor_for", die, "sync"),
    "before the answer is written": (payments, "apply_answer", die, "sync"),
    "before the answer is committed": (payments, "wake", die, "sync"),
    "after the answer was written": (payments, "apply_answer", after(payments.apply_answer), "sync"),
    "before the refund is asked for": (refund_requests, "refund_at", die, "refund"),
    "after the refund was made": (refund_requests, "follow_refund", die, "refund"),
    "before the refund is booked": (refund_requests, "sync", die, "refund"),
}


def run(step: str, payment_id: str) -> None:
    module, name, function, what = STEPS[step]
    setattr(module, name, function)
    if what == "pay":
        invoice = Invoice.objects.get()
        checkout.pay(invoice.client, NewPayment(invoice.currency, [Share(invoice.pk, invoice.open_amount)]))
    elif what == "sync":
        payments.sync(int(payment_id))
    else:
        refund_requests.send_refunds()


if __name__ == "__main__":
    run(*sys.argv[1:])
