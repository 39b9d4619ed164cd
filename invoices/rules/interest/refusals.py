"""Why no interest is charged: a code for programs and a sentence for people."""

from __future__ import annotations

from enum import Enum


class Refusal(Enum):
    """The values are part of the command's JSON."""

    NO_REFERENCE_RATE = "NO_REFERENCE_RATE"
    NOT_FOR_DEBTOR_TYPE = "NOT_FOR_DEBTOR_TYPE"
    NOT_IN_FORCE = "NOT_IN_FORCE"
    UNKNOWN_SCHEME = "UNKNOWN_SCHEME"
    RATE_NEEDED = "RATE_NEEDED"
    RATE_NOT_TAKEN = "RATE_NOT_TAKEN"
    RATE_BELOW_FLOOR = "RATE_BELOW_FLOOR"
    RATE_ABOVE_CAP = "RATE_ABOVE_CAP"
    INVALID_RATE = "INVALID_RATE"
    INVALID_AMOUNT = "INVALID_AMOUNT"
    INVALID_DATE = "INVALID_DATE"
    INVALID_PAYMENT = "INVALID_PAYMENT"
    INVALID_INPUT = "INVALID_INPUT"


class InterestRefused(Exception):
    """Nothing is charged. `str()` is the sentence."""

    def __init__(self, code: Refusal, message: str) -> None:
        super().__init__(message)
        self.code = code
