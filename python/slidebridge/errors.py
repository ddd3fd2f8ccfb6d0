"""What can go wrong, by who can do something about it."""

from __future__ import annotations


class ClassifierError(Exception):
    """This task cannot be classified; raise it with one sentence for the operator.

    ``transient``: trying again later may help, as after a model server that was away. Without it the task fails at once.
    """

    def __init__(self, message: str, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient


class SlideError(Exception):
    """The slide cannot be read: it is damaged, or cannot be fetched. Let it pass: the bridge knows whether trying again helps."""


class Cancelled(BaseException):
    """The task was cancelled, or the bridge stops. No ``except Exception`` catches it; clean up and let it pass."""
