"""Goods on their way back: the buyer sends them with a number, the shop says when it has them."""

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.aftersales.models import RefundRequest
from marketplace.aftersales.services.requests import By, Kind, Status, add_event, due_in, lock_request, start_refund
from marketplace.core.exceptions import DomainError


@transaction.atomic
def note_sent_back(*, request_id: int, actor: User | None, courier: str, tracking_number: str) -> bool:
    """The buyer has sent the goods back. Raises DomainError without the courier's name. False when it was known.

    Somebody who brings the goods to the shop writes that instead of a courier; then there is no number.
    """
    request = lock_request(request_id=request_id)
    if request.status == Status.SENT_BACK:
        return False
    if not courier.strip():
        raise DomainError(
            _("Which courier? Or write that you brought it to the shop."), code="courier_missing", field="courier"
        )
    RefundRequest.MACHINE.advance(
        request,
        Status.SENT_BACK,
        courier=courier.strip()[:60],
        tracking_number=tracking_number.strip()[:60],
        due_at=due_in("days_to_receive"),
        reminded_at=None,
    )
    add_event(request, Kind.SENT_BACK, By.BUYER, actor=actor, note=" ".join(filter(None, [courier, tracking_number])))
    return True


@transaction.atomic
def note_received(*, request_id: int, actor: User, can_be_sold: bool, note: str = "") -> bool:
    """The shop has the goods: the money goes back now. Returns False when that was known.

    Arguments:
        can_be_sold: the goods go back on the shelf.
    """
    request = lock_request(request_id=request_id)
    if request.status in (Status.REFUNDING, Status.DONE):
        return False
    RefundRequest.MACHINE.advance(
        request, Status.REFUNDING, only_from=[Status.SENT_BACK], due_at=None, reminded_at=None
    )
    start_refund(request, actor=actor, goods_are_back=can_be_sold)
    add_event(request, Kind.RECEIVED, By.SHOP, actor=actor, note=note)
    return True
