"""Refusals that the screens show in their own way."""

from django.utils.translation import gettext as _

from marketplace.core.exceptions import DomainError


class StaleCase(DomainError):
    """The case changed after the officer opened it; nothing was saved."""

    def __init__(self) -> None:
        super().__init__(_("Not saved: the case changed after you opened it."), code="verification.stale")


class AlreadyTaken(DomainError):
    """Another officer took the case first."""

    def __init__(self, *, business: str, name: str) -> None:
        super().__init__(
            _("%(business)s has just been taken by %(name)s. Choose another case.")
            % {"business": business, "name": name},
            code="verification.taken",
        )
