"""Deciding about a request: the shop first, then an operator, whose decision is the last."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.aftersales import policies
from marketplace.aftersales.models import RefundRequest
from marketplace.aftersales.services.requests import (
    By,
    Kind,
    Status,
    add_event,
    close,
    due_in,
    lock_request,
    start_refund,
)
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.core.money import format_rupiah


@transaction.atomic
def approve_request(
    *,
    request_id: int,
    actor: User,
    note: str = "",
    amount: int | None = None,
    needs_return: bool = False,
    as_operator: bool = False,
) -> bool:
    """Agree that money goes back: at once, or once the goods are back. Returns False when that was decided already.

    Arguments:
        amount: less than was asked and did not go back meanwhile, in whole rupiah, or None for all of that.
        needs_return: the buyer sends the goods back first.
        as_operator: an operator decides; final for everybody.

    Raises DomainError for an amount outside of what was asked, NotAllowed for somebody who does not decide here now.
    """
    request = lock_request(request_id=request_id)
    if request.status in (Status.REFUNDING, Status.RETURNING, Status.DONE):
        return False
    _check(request, actor, as_operator=as_operator)
    most = request.amount_asked - request.amount_outside
    granted = most if amount is None else amount
    if not 0 < granted <= most:
        raise DomainError(
            _("Write an amount between Rp1 and %(most)s.") % {"most": format_rupiah(most)},
            code="amount",
            field="amount",
        )
    if granted < most and not note.strip():
        raise DomainError(_("Write why it is less than was asked."), code="note_missing", field="note")
    by = By.OPERATOR if as_operator else By.SHOP
    fields: dict[str, Any] = {
        "amount_granted": granted + request.amount_outside,
        "is_final": request.is_final or as_operator,
        "reminded_at": None,
    }
    if needs_return:
        RefundRequest.MACHINE.advance(request, Status.RETURNING, due_at=due_in("days_to_send"), **fields)
    else:
        RefundRequest.MACHINE.advance(request, Status.REFUNDING, due_at=None, **fields)
        start_refund(request, actor=actor)
    add_event(request, Kind.APPROVED, by, actor=actor, note=note)
    return True


@transaction.atomic
def decline_request(*, request_id: int, actor: User, note: str, as_operator: bool = False) -> bool:
    """Refuse, with the reason that the buyer reads. Returns False when it was refused already.

    After a shop's refusal the buyer may turn to the operators; after theirs it is over. Raises DomainError without a
    reason, NotAllowed for somebody who does not decide here now.
    """
    request = lock_request(request_id=request_id)
    if request.status == Status.DECLINED:
        return False
    _check(request, actor, as_operator=as_operator)
    if not note.strip():
        raise DomainError(_("Write the reason: the buyer reads it."), code="note_missing", field="note")
    RefundRequest.MACHINE.advance(request, Status.DECLINED, is_final=as_operator, closed_at=timezone.now())
    close(request)
    add_event(request, Kind.DECLINED, By.OPERATOR if as_operator else By.SHOP, actor=actor, note=note)
    return True


def _check(request: RefundRequest, actor: User, *, as_operator: bool) -> None:
    if as_operator:
        allowed, why_not = policies.may_judge(user=actor)
        if allowed and request.status != Status.ESCALATED:
            allowed, why_not = False, _("The shop still has its term for this request.")
    else:
        allowed, why_not = policies.may_answer(user=actor, request=request)
    if not allowed:
        raise NotAllowed(why_not, code="may_not_decide")
