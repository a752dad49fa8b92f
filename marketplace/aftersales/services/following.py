"""How the money went: the request follows its refund, and hands failures to the operators."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from marketplace.accounts.models import User
from marketplace.aftersales.models import RefundRequest, RequestEvent
from marketplace.aftersales.policies import may_judge
from marketplace.aftersales.services.requests import (
    By,
    Kind,
    Status,
    add_event,
    close,
    finish_part,
    hold,
    lock_request,
    origin_of,
    refunds_outside,
)
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.payments.models import Refund
from marketplace.payments.services import confirm_by_hand, give_up_by_hand, repeat_refund

NOT_RECEIVED = gettext_noop("The buyer did not get the money")
NOT_PAID_IN_TIME = gettext_noop("The shop did not pay it back in time")


@transaction.atomic
def follow_refund(*, refund_id: int, origin: str) -> bool:
    """A refund ended: done, or the operators' affair. Harmless to repeat. Returns whether a request moved."""
    moved = [_follow(lock_request(request_id=pk), Refund.objects.get(pk=refund_id)) for pk in _requests_behind(origin)]
    return any(moved)


@transaction.atomic
def count_outside_refund(*, refund_id: int, put_down_at: datetime) -> int:
    """Somebody sent money of these parts back at the provider: it counts for what was asked of them and is open.

    A request for no more than that is settled by it and follows it from now on; of a larger one the rest stays open.
    One whose own refund is written follows that one, whatever else goes back. Harmless to repeat. Returns how many
    requests it counted for.

    Arguments:
        refund_id: of a refund that was put down to parts (`payments.services.outside_refunds`).
        put_down_at: when; who asked later asked for what was left then.
    """
    refund = Refund.objects.get(pk=refund_id)
    shares = dict(refund.lines.order_by().values_list("suborder_id").annotate(share=Sum("amount")))
    asked = RefundRequest.objects.filter(suborder__in=shares, status__in=RefundRequest.OPEN, created_at__lt=put_down_at)
    counted = 0
    for pk in list(asked.order_by("pk").values_list("pk", flat=True)):
        request = lock_request(request_id=pk)
        counted += _count(request, refund, shares[request.suborder_id])
    return counted


def _count(request: RefundRequest, refund: Refund, share: int) -> bool:
    is_counted = RequestEvent.objects.filter(request=request, refund=refund).exists()
    has_own = bool(refunds_outside(request)) or Refund.objects.filter(origin=origin_of(request)).exists()
    if is_counted or has_own or not request.is_open:
        return False
    if share < request.amount:
        request.amount_outside += share
        request.save(update_fields=["amount_outside"])
        add_event(request, Kind.PARTLY, By.SITE, refund=refund, amount=share)
        return True
    RefundRequest.MACHINE.advance(request, Status.REFUNDING, due_at=None, reminded_at=None)
    add_event(request, Kind.SETTLED, By.SITE, refund=refund, amount=share)
    finish_part(request.suborder, actor=None, goods_are_back=False)
    # It may have ended before, or have failed and been sent again.
    _follow(request, refunds_outside(request)[-1])
    return True


def _requests_behind(origin: str) -> list[int]:
    """The requests that wait for a refund: the one that caused it, or those that one made at the provider settled."""
    kind, _colon, number = origin.partition(":")
    if kind == "request":
        found = RefundRequest.objects.filter(pk=number)
    else:
        found = RefundRequest.objects.filter(events__kind=Kind.SETTLED, events__refund__origin=origin)
    return list(found.order_by("pk").values_list("pk", flat=True))


def _follow(request: RefundRequest, refund: Refund) -> bool:
    is_back = refund.status == Refund.Status.SUCCEEDED
    if is_back and request.status == Status.ESCALATED and refund.replaces_id is not None:
        # The operators sent it another way, and that worked.
        RefundRequest.MACHINE.advance(request, Status.REFUNDING)
    if is_back and request.status == Status.REFUNDING:
        RefundRequest.MACHINE.advance(request, Status.DONE)
        close(request)
        # Of one made at the provider the shop was told when it settled the request.
        tell = refund.reason != Refund.Reason.OUTSIDE
        add_event(request, Kind.REFUNDED, By.SITE, note=refund.note, tell=tell)
        return True
    if refund.status == Refund.Status.FAILED and request.status in (Status.REFUNDING, Status.DONE):
        RefundRequest.MACHINE.advance(request, Status.ESCALATED, closed_at=None, due_at=None)
        hold(request)
        add_event(request, Kind.FAILED, By.SITE, note=refund.failure)
        return True
    return False


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
    """The buyer did not get the money that the shop says it paid, or waits too long: the operators look at it.

    Returns False when they do already. Raises DomainError for a refund that the payment provider sends.
    """
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
