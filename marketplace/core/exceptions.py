"""The one family of errors that services raise when a rule refuses what was asked."""

from django.utils.functional import Promise


class DomainError(Exception):
    """A rule refused the request; `message` is for the person who asked and says what to do next.

    Arguments:
        message: a translated sentence.
        code: a stable word for tests, logs and the API.
        field: the form field that the message belongs to, if there is one.
    """

    def __init__(self, message: str | Promise, *, code: str = "refused", field: str = "") -> None:
        super().__init__(str(message))
        self.message = message
        self.code = code
        self.field = field


class NotAllowed(DomainError):
    """A policy said no to this person."""

    def __init__(self, message: str | Promise, *, code: str = "not_allowed", field: str = "") -> None:
        super().__init__(message, code=code, field=field)


class IllegalTransition(DomainError):
    """A status change that the transition table does not have, or that somebody else was faster with."""

    def __init__(self, message: str | Promise, *, code: str = "illegal_transition", field: str = "") -> None:
        super().__init__(message, code=code, field=field)
