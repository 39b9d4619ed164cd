"""The stages of a dispute of an online payment, from the processor's words.

Source: https://docs.stripe.com/disputes/how-disputes-work and the Dispute object's `status`.
"""

from __future__ import annotations

from enum import StrEnum

CLOSED = frozenset({"won", "lost", "warning_closed", "prevented", "charge_refunded"})
# No money was taken, or it is back.
HARMLESS = frozenset({"warning_needs_response", "warning_under_review", "warning_closed", "won", "prevented"})
TAKES_EVIDENCE = frozenset({"needs_response", "warning_needs_response"})


class Stage(StrEnum):
    INQUIRY = "inquiry"
    TO_ANSWER = "to_answer"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        return {
            Stage.INQUIRY: "Inquiry of the bank",
            Stage.TO_ANSWER: "Taken back by the bank",
            Stage.UNDER_REVIEW: "Our answer is with the bank",
            Stage.WON: "Dispute won",
            Stage.LOST: "Dispute lost",
            Stage.CLOSED: "Inquiry closed",
        }[self]


STAGES = {
    "warning_needs_response": Stage.INQUIRY,
    "needs_response": Stage.TO_ANSWER,
    "warning_under_review": Stage.UNDER_REVIEW,
    "under_review": Stage.UNDER_REVIEW,
    "won": Stage.WON,
    "lost": Stage.LOST,
    "charge_refunded": Stage.LOST,
}


def stage(status: str) -> Stage:
    """A status that is not known yet is taken for one that needs an answer, unless it is over."""
    return STAGES.get(status, Stage.CLOSED if status in CLOSED else Stage.TO_ANSWER)
