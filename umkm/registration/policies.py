"""Who may do what with an application. Each answers (allowed, reason); the reason is for the person who asked."""

from typing import Any

from django.utils.translation import gettext as _

from marketplace.accounts.models import Officer
from umkm.registration.models import LegalDocument, VendorApplication
from umkm.vendors.policies import can_manage_team

STATUS = VendorApplication.Status


def can_edit(*, user: Any, application: VendorApplication) -> tuple[bool, str]:
    """Whether `user` may change answers and papers: the owner, while the next step is theirs."""
    if application.owner_id != user.pk:
        return False, _("This registration belongs to somebody else.")
    if application.status in VendorApplication.AWAITING:
        return False, _("Your registration is with the officer now. You can change it when it comes back to you.")
    if not application.is_editable:
        return False, _("This registration is closed. Start a new one if you need to.")
    return True, ""


def can_withdraw(*, user: Any, application: VendorApplication) -> tuple[bool, str]:
    """Whether `user` may take the application back: the owner, until it is decided."""
    if application.owner_id != user.pk:
        return False, _("This registration belongs to somebody else.")
    if application.status in VendorApplication.DECIDED:
        return False, _("This registration is decided. It can no longer be withdrawn.")
    return True, ""


def can_view_document(*, user: Any, document: LegalDocument, officer: Officer | None) -> tuple[bool, str]:
    """Whether `user` may open the paper: who wrote its application, the shop's owner if it came later, or an officer
    of the agency that checks it."""
    application = document.application
    if application is not None and application.owner_id == user.pk:
        return True, ""
    if application is None and document.vendor is not None and can_manage_team(user=user, vendor=document.vendor)[0]:
        return True, ""
    agency_id = document.vendor.agency_id if document.vendor else application.agency_id if application else None
    is_submitted = application is None or document.round <= application.round
    renewal = getattr(document, "renewal", None)
    if renewal is not None and renewal.submitted_at is None:
        is_submitted = False
    if officer is not None and officer.agency_id == agency_id and is_submitted:
        return True, ""
    return False, _("This paper is private.")
