"""Who may do what with transfers, and why not."""

from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.accounts.selectors import is_operator
from marketplace.transfers.models import TransferRequest
from umkm.vendors.models import VendorMember

Answer = tuple[bool, str]


def may_answer(*, user: User, transfer: TransferRequest) -> Answer:
    """Whether this person says if the money arrived: the shop, and operators once the shop has let its time pass."""
    vendor_id = transfer.suborder.vendor_id
    if VendorMember.objects.filter(user=user, vendor_id=vendor_id, is_active=True).exists():
        return True, ""
    if is_operator(user):
        if transfer.escalated_at is not None:
            return True, ""
        return False, _("The shop still has time to answer. You decide when it is over.")
    return False, _("Only the shop that gets the money may say this.")


def may_call_off(*, transfer: TransferRequest) -> Answer:
    """Whether the buyer, who holds the order's address, may call off this part."""
    if transfer.status == TransferRequest.Status.CHECKING:
        return False, _("The shop is checking your proof. Wait for its answer, or write to it.")
    if transfer.status != TransferRequest.Status.WAITING:
        return False, _("This part is closed already.")
    return True, ""


def may_decide(*, user: User) -> Answer:
    """Whether this person decides about transfers that a shop did not answer: operators do."""
    if is_operator(user):
        return True, ""
    return False, _("Only operators decide about transfers.")
