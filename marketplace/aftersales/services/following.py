"""How the money went: the request follows its refund, and hands failures to the operators."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from marketplace.accounts.models import User
from marketplace.aftersales.models import RefundRequest
from marketplace.aftersales.policies import may_judge
from marketplace.aftersales.services.requests import By, Kind, Status, add_event, close, hold, lock_request, origin_of
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.payments.models import Refund
from marketplace.payments.services import confirm_by_hand, give_up_by_hand, repeat_refund

NOT_RECEIVED = gettext_noop("The buyer did not get the money")
NOT_PAID_IN_TIME = gettext_noop("The shop did not pay it back in time")


@transaction.atomic
def follow_refund(*, refund_id: int, origin: str) -> bool:
    """A refund ended: done, or the operators' affair. Harmless to repeat. Returns whether a request moved."""
    kind, _colon, number = origin.partition(":")
    if kind != "request" or not RefundRequest.objects.filter(pk=number).exists():
        return False
    request = lock_request(request_id=int(number))
    refund = Refund.objects.get(pk=refund_id)
    if refund.status == Refund.Status.SUCCEEDED and request.status == Status.REFUNDING:
        RefundRequest.MACHINE.advance(request, Status.DONE)
        close(request)
        add_event(request, Kind.REFUNDED, By.SITE, note=refund.note)
        return True
    if refund.status == Refund.Status.SUCCEEDED and request.status == Status.ESCALATED and _went_again(refund):
        # The operators sent it another way, and that worked.
        RefundRequest.MACHINE.advance(request, Status.REFUNDING)
        RefundRequest.MACHINE.advance(request, Status.DONE)
        close(request)
        add_event(request, Kind.REFUNDED, By.SITE, note=refund.note)
        return True
    if refund.status == Refund.Status.FAILED and request.status in (Status.REFUNDING, Status.DONE):
        RefundRequest.MACHINE.advance(request, Status.ESCALATED, closed_at=None, due_at=None)
        hold(request)
        add_event(request, Kind.FAILED, By.SITE, note=refund.failure)
        return True
    return False


def _went_again(refund: Refund) -> bool:
    return refund.replaces_id is not None


def hand_refund_of(*, request: RefundRequest) -> Refund | None:
    """The refund of this request that a shop pays by hand and has not confirmed yet."""
    waiting = Refund.objects.filter(
        origin=origin_of(request), channel=Refund.Channel.SHOP, status=Refund.Status.REQUESTED
    )
    return waiting.order_by("-pk").first()


@transaction.atomic
def note_paid_by_hand(*, request_id: int, actor: User, note: str) -> bool:
    """The shop has paid the buyer back itself. Raises DomainError without a note, or when there is nothing to pay."""
    request = lock_request(request_id=request_id)
    refund = hand_refund_of(request=request)
    if refund is None:
        raise DomainError(_("There is nothing to pay back by hand here."), code="nothing_by_hand")
    return confirm_by_hand(refund_id=refund.pk, actor=actor, note=note)


@transaction.atomic
def dispute_hand_payment(*, request_id: int, actor: User | None, note: str) -> bool:
    """The buyer did not get the money that the shop says it paid, or waits too long: the operators look at it."""
    request = lock_request(request_id=request_id)
    if request.status == Status.ESCALATED:
        return False
    shop_paid = Refund.objects.filter(origin=origin_of(request), channel=Refund.Channel.SHOP).order_by("-pk").first()
    if shop_paid is None or request.status not in (Status.REFUNDING, Status.DONE):
        raise DomainError(_("The payment provider sends this refund. It takes up to ten days."), code="not_by_hand")
    RefundRequest.MACHINE.advance(request, Status.ESCALATED, closed_at=None, due_at=None)
    hold(request)
    add_event(request, Kind.ESCALATED, By.BUYER, actor=actor, note=note or _(NOT_RECEIVED))
    return True


@transaction.atomic
def take_over(*, request_id: int, actor: User, note: str) -> Refund:
    """An operator pays instead of a shop that did not: the shop owes the money to the site from now on.

    Raises NotAllowed for everybody else, DomainError when the money is not the shop's to pay by hand.
    """
    request = lock_request(request_id=request_id)
    allowed, why_not = may_judge(user=actor)
    if not allowed:
        raise NotAllowed(why_not)
    shop_pays = Refund.objects.filter(origin=origin_of(request), channel=Refund.Channel.SHOP).order_by("-pk").first()
    if request.status != Status.ESCALATED or shop_pays is None:
        raise DomainError(_("This money is not the shop's to pay by hand."), code="not_by_hand")
    give_up_by_hand(refund_id=shop_pays.pk, actor=actor, note=note or str(NOT_PAID_IN_TIME))
    return repeat_refund(refund_id=shop_pays.pk, channel=Refund.Channel.OPERATOR, actor=actor)
