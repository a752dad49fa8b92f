"""Who may do what with a case. Each answers (allowed, reason); the reason is for the person who asked.

What lies outside the officer's region is no question of policy: it is never fetched (`scoped_to`), so it is a 404.
"""

from django.utils.translation import gettext as _

from marketplace.accounts.models import Officer
from umkm.registration.models import VendorApplication
from umkm.vendors.models import VendorMember
from umkm.verification.models import PaperRenewal


def is_own_business(*, officer: Officer, application: VendorApplication) -> bool:
    """Whether the officer is the applicant, or works in the business that the application is about."""
    if application.owner_id == officer.user_id:
        return True
    # The applicant's other shops count too: who works there must not decide about its owner.
    return VendorMember.objects.filter(
        user_id=officer.user_id, is_active=True, vendor__members__user_id=application.owner_id
    ).exists()


def can_handle(*, officer: Officer, application: VendorApplication) -> tuple[bool, str]:
    """Whether the officer may take the case: of their agency, and nothing of their own."""
    if not officer.is_active or application.agency_id != officer.agency_id:
        return False, _("This case belongs to another region.")
    if is_own_business(officer=officer, application=application):
        return False, _("You belong to this business. Another officer decides.")
    return True, ""


def can_decide(*, officer: Officer, application: VendorApplication) -> tuple[bool, str]:
    """Whether the officer may check and decide: they hold the case, and it waits for a decision."""
    allowed, reason = can_handle(officer=officer, application=application)
    if not allowed:
        return False, reason
    if application.status not in VendorApplication.AWAITING:
        return False, _("This case is no longer waiting for a decision: it is “%(status)s”.") % {
            "status": application.get_status_display()
        }
    if application.claimed_by_id is None:
        return False, _("Take the case first, so that no two officers work on it.")
    if application.claimed_by_id != officer.pk:
        return False, _("%(name)s is working on this case.") % {"name": application.claimed_by}
    return True, ""


def can_judge_renewal(*, officer: Officer, renewal: PaperRenewal) -> tuple[bool, str]:
    """Whether the officer may decide about a renewed paper: of their agency, and nothing of their own."""
    if not officer.is_active or renewal.vendor.agency_id != officer.agency_id:
        return False, _("This case belongs to another region.")
    works_there = VendorMember.objects.filter(vendor_id=renewal.vendor_id, user_id=officer.user_id).exists()
    if works_there or renewal.submitted_by_id == officer.user_id:
        return False, _("You belong to this business. Another officer decides.")
    return True, ""
