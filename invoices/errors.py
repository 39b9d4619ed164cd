"""What the ledger refuses. The text is a sentence for the person who asked."""

from __future__ import annotations


class LedgerError(Exception):
    """The root: nothing was written."""


class NotDraft(LedgerError):
    """The document is issued or void already, so it cannot be changed."""


class NotIssued(LedgerError):
    """A draft or void invoice owes nothing."""


class ExceedsOpen(LedgerError):
    """More was to be allocated than is open on the invoice, or left on the receipt."""


class WrongCurrency(LedgerError):
    """The receipt and the invoice are in different currencies; these are never added."""


class InvalidAmount(LedgerError):
    """Zero, negative, or not payable in this currency."""


class TermsDoNotFit(LedgerError):
    """The parts of split terms cannot sum to the whole: of any invoice, or of this one."""


class PaymentRefused(LedgerError):
    """This cannot be paid online as asked; the payer reads why and what to do instead."""


class PaymentUnavailable(LedgerError):
    """The card processor is silent; nothing was charged that we know of, and trying again later is safe."""


class InvalidWebhook(LedgerError):
    """What came in is no genuine event of the card processor."""


class PeriodLocked(LedgerError):
    """The day is in a closed month."""


class CreditStopped(LedgerError):
    """The client is on credit hold, or would owe more than his limit. A manager may issue it with a reason."""
