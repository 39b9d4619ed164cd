"""The other end of `workers`: a worker process of the product, which may be told to die at a certain step."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import django

django.setup()

from reminders.channels import CHANNELS  # noqa: E402
from reminders.services import dispatch  # noqa: E402
from reminders.services.dunning_run import dunning_run  # noqa: E402
from tests.fakes.null_channel import NullChannel  # noqa: E402


def serve() -> None:
    """Orders: `plan_and_send 2012-01-31`, without mail."""
    CHANNELS["email"] = NullChannel()
    for line in sys.stdin:
        on = date.fromisoformat(line.split()[1])
        dunning_run(on)
        dispatch.send_notices(on)
        print("done", flush=True)  # noqa: T201


def die(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    def then_die(*args: Any, **kwargs: Any) -> Any:
        function(*args, **kwargs)
        die()

    return then_die


# step -> what dies there
STEPS: dict[str, Callable[[], None]] = {
    "before the claim": lambda: replace("claim_next", die),
    "inside the claim": lambda: replace("organisation", die),
    "after the claim": lambda: replace("claim_next", after(dispatch.claim_next)),
    "before the words are written down": lambda: replace("freeze", die),
    "before that is committed": lambda: replace("freeze", after(dispatch.freeze)),
    "before the wire": lambda: replace("hand_over", die),
    "after the wire": lambda: replace("finish_sent", die),
    "before the record is committed": lambda: replace("record", die),
    "after the record": lambda: replace("finish_sent", after(dispatch.finish_sent)),
}


def replace(name: str, function: Callable[..., Any]) -> None:
    setattr(dispatch, name, function)


def send_and_die(step: str, on: str) -> None:
    STEPS[step]()
    dispatch.send_notices(date.fromisoformat(on))


if __name__ == "__main__":
    {"serve": serve, "send_and_die": send_and_die}[sys.argv[1]](*sys.argv[2:])
