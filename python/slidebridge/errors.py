"""The package's exceptions, by who can fix the problem."""

from __future__ import annotations


class ClassifierError(Exception):
    """This task cannot be classified; raise it with one sentence for the operator.

    ``transient``: True if a retry later may help, for example because a model server was unavailable. Otherwise the task fails immediately.
    """

    def __init__(self, message: str, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient


class SlideError(Exception):
    """The slide cannot be read: it is damaged, or cannot be fetched. Do not catch this exception: the bridge decides whether a retry helps."""


class Cancelled(BaseException):
    """The task was cancelled, or the bridge stops. ``except Exception`` does not catch it. Clean up and raise it again."""
