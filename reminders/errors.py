"""What dunning refuses. The text is a sentence for the person who asked."""

from __future__ import annotations


class DunningError(Exception):
    """The root: nothing was written."""


class NotWaiting(DunningError):
    """Somebody else was quicker: the notice, call or promise is no longer in the state that was asked about."""


class LetterRefused(DunningError):
    """A formal letter that would not say what the law asks of it, or would say what it must not. Nothing left."""


class OutsideLimits(DunningError):
    """A promise or block that the rules do not allow."""
