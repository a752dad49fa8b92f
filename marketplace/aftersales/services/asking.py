"""Asking for money back, offering it, taking a request back, and disagreeing with a refusal."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.aftersales import policies
from marketplace.aftersales.models import AftersalesTerms, RefundRequest, RequestLine, RequestPhoto
from marketplace.aftersales.services.requests import (
    By,
    Kind,
    Scope,
    Status,
    add_event,
    close,
    due_in,
    hold,
    lock_request,
    start_refund,
)
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.orders.lock_objects import lock_order, lock_parts_with_lines
from marketplace.orders.models import Order, SubOrder
from marketplace.payments import refund_plans
from umkm.registration.files import CheckedFile, check_upload

MOST_PHOTOS = 5
NEEDS_TEXT = (RefundRequest.Reason.NOT_AS_DESCRIBED, RefundRequest.Reason.OTHER)


@transaction.atomic
def ask_refund(
    *,
    suborder_id: int,
    actor: User | None,
    reason: str,
    scope: str,
    quantities: Mapping[int, int] | None = None,
    amount: int | None = None,
    with_shipping: bool = False,
    sends_back: bool = False,
    text: str = "",
    photos: Sequence[Any] = (),
) -> RefundRequest:
    """The buyer asks money of one shop's part back; the shop has its term to decide.

    Arguments:
        quantities: for scope `lines`, how many of which line.
        amount: for scope `amount`, whole rupiah.
        photos: uploaded files; their content is looked at, and photos are stored without their metadata.

    Raises DomainError, with the form's field where there is one: not now, too many photos, a file that is no
    photo, more than is left.
    """
    order, part = lock_part(suborder_id)
    allowed, why_not = policies.may_ask(order=order, part=part, has_open_request=_has_open(part))
    if not allowed:
        raise NotAllowed(why_not, code="may_not_ask")
    if reason in NEEDS_TEXT and not text.strip():
        raise DomainError(_("Write what is not right, so that the shop understands."), code="text", field="text")
    checked = _checked(photos)
    if part.status in (SubOrder.Status.PACKED, SubOrder.Status.READY_FOR_PICKUP):
        sends_back = False
    request = _write(
        part,
        asked_by=RefundRequest.AskedBy.BUYER,
        person=actor,
        reason=reason,
        scope=scope,
        quantities=quantities or {},
        amount=amount,
        with_shipping=with_shipping,
        sends_back=sends_back,
        text=text,
        due_at=due_in("days_to_decide"),
    )
    for file in checked:
        RequestPhoto.objects.create(request=request, file=file.as_file(), size=file.size, sha256=file.sha256)
    add_event(request, Kind.ASKED, By.BUYER, actor=actor, note=text)
    return request


@transaction.atomic
def offer_refund(
    *,
    suborder_id: int,
    actor: User,
    scope: str,
    note: str,
    quantities: Mapping[int, int] | None = None,
    amount: int | None = None,
    with_shipping: bool = False,
) -> RefundRequest:
    """The shop gives money back without being asked: it goes at once. Raises DomainError as `ask_refund` does."""
    order, part = lock_part(suborder_id)
    allowed, why_not = policies.may_offer(user=actor, order=order, part=part, has_open_request=_has_open(part))
    if not allowed:
        raise NotAllowed(why_not, code="may_not_offer")
    if not note.strip():
        raise DomainError(_("Write to the buyer why the money comes back."), code="note_missing", field="note")
    request = _write(
        part,
        asked_by=RefundRequest.AskedBy.SHOP,
        person=actor,
        reason=RefundRequest.Reason.OTHER,
        scope=scope,
        quantities=quantities or {},
        amount=amount,
        with_shipping=with_shipping,
        sends_back=False,
        text=note,
        due_at=None,
    )
    RefundRequest.MACHINE.advance(request, Status.REFUNDING, amount_granted=request.amount_asked)
    start_refund(request, actor=actor)
    add_event(request, Kind.OFFERED, By.SHOP, actor=actor, note=note)
    return request


@transaction.atomic
def withdraw_request(*, request_id: int, actor: User | None) -> bool:
    """The buyer no longer asks. Returns False when it was withdrawn already."""
    request = lock_request(request_id=request_id)
    if not RefundRequest.MACHINE.advance(request, Status.WITHDRAWN):
        return False
    close(request)
    add_event(request, Kind.WITHDRAWN, By.BUYER, actor=actor)
    return True


@transaction.atomic
def disagree(*, request_id: int, actor: User | None, note: str) -> bool:
    """The buyer brings a refusal of the shop before the operators. DomainError after the term, or a final one."""
    request = lock_request(request_id=request_id)
    if request.status == Status.ESCALATED:
        return False
    days = AftersalesTerms.load().days_to_disagree
    allowed, why_not = policies.may_disagree(request=request, now=timezone.now(), days=days)
    if not allowed:
        raise NotAllowed(why_not, code="may_not_disagree")
    if not note.strip():
        raise DomainError(_("Write why you disagree: the operators read it."), code="note_missing", field="note")
    if _has_open(request.suborder):
        raise DomainError(_("Another request about this is open. Follow that one."), code="other_open")
    RefundRequest.MACHINE.advance(request, Status.ESCALATED, closed_at=None, due_at=None)
    hold(request)
    add_event(request, Kind.ESCALATED, By.BUYER, actor=actor, note=note)
    return True


def lock_part(suborder_id: int) -> tuple[Order, SubOrder]:
    """Lock an order and its parts; return it and the part, freshly read with its lines."""
    order_id = SubOrder.objects.values_list("order_id", flat=True).get(pk=suborder_id)
    order = lock_order(order_id=order_id)
    part = next(part for part in lock_parts_with_lines(order_id=order_id) if part.pk == suborder_id)
    return order, part


def _has_open(part: SubOrder) -> bool:
    return RefundRequest.objects.filter(suborder=part, status__in=RefundRequest.OPEN).exists()


def _checked(photos: Sequence[Any]) -> list[CheckedFile]:
    if len(photos) > MOST_PHOTOS:
        raise DomainError(
            _("At most %(count)d photos. Choose those that show it best.") % {"count": MOST_PHOTOS},
            code="too_many_photos",
            field="photos",
        )
    checked = []
    for photo in photos:
        try:
            file = check_upload(photo)
        except DomainError as refused:
            raise DomainError(refused.message, code=refused.code, field="photos") from refused
        if file.content_type != "image/jpeg":
            raise DomainError(_("Choose photos, no other files."), code="no_photo", field="photos")
        checked.append(file)
    return checked


def _write(
    part: SubOrder,
    *,
    scope: str,
    quantities: Mapping[int, int],
    amount: int | None,
    with_shipping: bool,
    **fields: Any,
) -> RefundRequest:
    wanted = {line_id: count for line_id, count in quantities.items() if count}
    if scope == Scope.WHOLE:
        items = refund_plans.whole([part])
    elif scope == Scope.AMOUNT:
        items = refund_plans.of_amount([part], amount or 0)
    else:
        items = refund_plans.of_lines(part, wanted, with_shipping=with_shipping)
    try:
        with transaction.atomic():
            request = RefundRequest.objects.create(
                suborder=part,
                scope=scope,
                with_shipping=with_shipping,
                amount_asked=refund_plans.total_of(items),
                **fields,
            )
    except IntegrityError:
        raise DomainError(_("This has been asked for already. See how it stands."), code="already_asked") from None
    if scope == Scope.LINES:
        RequestLine.objects.bulk_create(
            RequestLine(request=request, line_id=line_id, quantity=count) for line_id, count in wanted.items()
        )
    hold(request)
    return request
