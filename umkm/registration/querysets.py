"""Questions about applications and papers, as filters."""

from typing import Any

from django.db import models

from marketplace.accounts.models import Officer, User


class VendorApplicationQuerySet(models.QuerySet[Any]):
    def owned_by(self, user: User) -> "VendorApplicationQuerySet":
        """The applications that `user` wrote."""
        return self.filter(owner_id=user.pk)

    def scoped_to(self, officer: Officer) -> "VendorApplicationQuerySet":
        """What the officer's agency may see: everything of its region that was ever submitted. Drafts stay private."""
        return self.filter(agency_id=officer.agency_id, round__gt=0)

    def waiting(self) -> "VendorApplicationQuerySet":
        """Those whose next step is the agency's."""
        return self.filter(status__in=self.model.AWAITING)

    def oldest_first(self) -> "VendorApplicationQuerySet":
        return self.order_by("submitted_at", "pk")


class LegalDocumentQuerySet(models.QuerySet[Any]):
    def current(self) -> "LegalDocumentQuerySet":
        """The newest paper of each kind; replaced ones stay readable for the rounds in which they stood."""
        return self.filter(is_current=True)
