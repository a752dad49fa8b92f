"""Writes around direct transfers: where a shop receives them, what a buyer owes, proofs and their answers."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError
from marketplace.core.locking import lock_rows
from marketplace.orders.lock_objects import lock_order
from marketplace.orders.models import Order, SubOrder
from marketplace.orders.partwise import confirm_part, end_part
from marketplace.transfers import notices
from marketplace.transfers.models import TransferAccount, TransferProof, TransferRequest, TransferTerms
from marketplace.transfers.qris import check_code, with_amount
from umkm.registration.files import check_upload
from umkm.vendors.models import Vendor

Status = TransferRequest.Status
Answer = TransferProof.Answer
# So many proofs a buyer may send for one part; then the shop or an operator has to talk to them.
MOST_PROOFS = 5


@transaction.atomic
def save_account(
    *,
    vendor: Vendor,
    actor: User,
    bank_name: str = "",
    account_number: str = "",
    account_holder: str = "",
    qris_payload: str = "",
    is_offered: bool,
) -> TransferAccount:
    """Set where a shop receives transfers, and whether buyers may pay so. Orders that are placed keep what they show.

    Raises DomainError for half an account, for a code that is not a static QRIS code, or when it is offered with
    neither.
    """
    bank = (bank_name.strip(), "".join(account_number.split()), account_holder.strip())
    if any(bank) and not all(bank):
        raise DomainError(
            _("A bank account needs all three: bank, number and holder. Fill in the rest, or empty all three."),
            code="transfer.half_account",
            field="account_number",
        )
    if bank[1] and not bank[1].isdigit():
        raise DomainError(_("Write only digits."), code="transfer.bad_number", field="account_number")
    code = check_code(qris_payload) if qris_payload else None
    if is_offered and not (all(bank) or code):
        raise DomainError(
            _("Give a bank account or a QRIS code first; without one nobody can pay you."),
            code="transfer.nowhere",
            field="is_offered",
        )
    account, _created = TransferAccount.objects.update_or_create(
        vendor=vendor,
        defaults={
            "bank_name": bank[0],
            "account_number": bank[1] or None,
            "account_holder": bank[2],
            "qris_payload": code.payload if code else "",
            "qris_name": code.merchant_name if code else "",
            "qris_nmid": code.nmid if code else "",
        },
    )
    Vendor.objects.filter(pk=vendor.pk).update(accepts_transfer=is_offered)
    vendor.accepts_transfer = is_offered
    record(
        action="transfers.account_saved",
        target=vendor,
        actor=actor,
        data={"offered": is_offered, "bank": bank[0], "number_tail": bank[1][-4:], "qris": account.qris_nmid},
    )
    notices.tell_owners_account_changed(vendor=vendor, actor=actor)
    return account


@transaction.atomic
def request_transfers(*, order: Order) -> list[TransferRequest]:
    """Write what the buyer owes each shop of this order, and let the order wait for it.

    Call it inside the transaction that places the order. Raises DomainError when a shop cannot be paid like this.
    """
    due_at = timezone.now() + timedelta(hours=_terms().hours_to_pay)
    parts = list(order.suborders.select_related("vendor__transfer_account").order_by("pk"))
    made = []
    for part in parts:
        if part.gross == 0:
            confirm_part(suborder_id=part.pk, actor=None)
            continue
        account = getattr(part.vendor, "transfer_account", None)
        if account is None or not account.is_usable or not part.vendor.accepts_transfer:
            raise DomainError(
                _("%(shop)s can't be paid by transfer any more. Choose another way to pay.")
                % {"shop": part.vendor.name},
                code="transfer.not_offered",
                field="payment_method",
            )
        made.append(
            TransferRequest(
                suborder=part,
                amount=part.gross,
                bank_name=account.bank_name,
                account_number=account.account_number,
                account_holder=account.account_holder,
                qris_payload=with_amount(account.qris_payload, part.gross) if account.qris_payload else "",
                qris_name=account.qris_name,
                due_at=due_at,
            )
        )
    # Shops are paid by themselves, so the order as a whole has no end of its own.
    Order.objects.filter(pk=order.pk, status=Order.Status.PENDING).update(expires_at=None)
    return TransferRequest.objects.bulk_create(made)


@transaction.atomic
def send_proof(*, request_id: int, file: Any, sender_name: str = "", actor: User | None = None) -> TransferProof:
    """The buyer shows that the money is on its way: it is the shop's turn now, and the goods stay promised.

    Raises DomainError for a file that is neither photo nor PDF, or when no proof is wanted any more.
    """
    checked = check_upload(file)
    transfer = _lock(request_id)
    if transfer.status == Status.CHECKING:
        raise DomainError(
            _("The shop is checking your first proof. Wait for its answer."), code="transfer.checking", field="file"
        )
    is_open = transfer.suborder.status == SubOrder.Status.PENDING
    if transfer.status != Status.WAITING or not is_open:
        raise DomainError(
            _("This part is closed, so no proof is needed. If you did pay, write to the shop: it owes you the money."),
            code="transfer.closed",
            field="file",
        )
    if transfer.proofs.count() >= MOST_PROOFS:
        raise DomainError(
            _("You have sent %(count)d proofs already. Talk to the shop, or report a problem on your order's page.")
            % {"count": MOST_PROOFS},
            code="transfer.too_many",
            field="file",
        )
    proof = TransferProof(
        request=transfer,
        content_type=checked.content_type,
        size=checked.size,
        sender_name=sender_name.strip()[:100],
    )
    proof.file.save("proof", checked.as_file(), save=False)
    proof.save(force_insert=True)
    due_at = timezone.now() + timedelta(hours=_terms().hours_to_confirm)
    TransferRequest.MACHINE.advance(
        transfer, Status.CHECKING, only_from=[Status.WAITING], due_at=due_at, reminded_at=None, escalated_at=None
    )
    record(action="transfers.proof_sent", target=transfer, actor=actor, data={"amount": transfer.amount})
    notices.tell_shop_of_proof(transfer=transfer)
    return proof


@transaction.atomic
def confirm_transfer(*, request_id: int, actor: User) -> bool:
    """The money arrived, with or without a proof: the part goes to be packed. False when that was said already."""
    transfer = _lock(request_id)
    if not TransferRequest.MACHINE.advance(transfer, Status.CONFIRMED):
        return False
    transfer.proofs.filter(answer=Answer.OPEN).update(
        answer=Answer.CONFIRMED, answered_by=actor, answered_at=timezone.now()
    )
    confirm_part(suborder_id=transfer.suborder_id, actor=actor)
    record(action="transfers.confirmed", target=transfer, actor=actor, data={"amount": transfer.amount})
    notices.tell_buyer(transfer=transfer, kind="transfer_confirmed")
    return True


@transaction.atomic
def refuse_proof(*, request_id: int, actor: User, reason: str) -> bool:
    """The money did not arrive: the buyer reads why and has the usual time to show another proof.

    Returns False when the transfer is not being checked any more. Raises DomainError without a reason.
    """
    if not reason.strip():
        raise DomainError(
            _("Say what is wrong. The buyer reads this and can put it right."),
            code="transfer.no_reason",
            field="reason",
        )
    transfer = _lock(request_id)
    if transfer.status != Status.CHECKING:
        return False
    due_at = timezone.now() + timedelta(hours=_terms().hours_to_pay)
    TransferRequest.MACHINE.advance(
        transfer, Status.WAITING, only_from=[Status.CHECKING], due_at=due_at, reminded_at=None, escalated_at=None
    )
    transfer.proofs.filter(answer=Answer.OPEN).update(
        answer=Answer.REFUSED, answered_by=actor, answered_at=timezone.now(), reason=reason.strip()[:255]
    )
    record(action="transfers.refused", target=transfer, actor=actor, data={"reason": reason.strip()[:255]})
    notices.tell_buyer(transfer=transfer, kind="transfer_refused", reason=reason.strip()[:255])
    return True


@transaction.atomic
def end_transfer(*, request_id: int, actor: User | None, note: str) -> bool:
    """Nobody paid in time, or the buyer calls it off: the part ends and its stock goes back. False when it is not open.

    While a shop checks a proof, nothing ends.
    """
    transfer = _lock(request_id)
    if transfer.status != Status.WAITING:
        return False
    TransferRequest.MACHINE.advance(transfer, Status.ENDED, only_from=[Status.WAITING])
    end_part(suborder_id=transfer.suborder_id, actor=actor, note=note)
    record(action="transfers.ended", target=transfer, actor=actor, data={"note": note})
    return True


def record_proof_view(*, proof: TransferProof, viewer: User) -> None:
    """Somebody other than the buyer looked at a proof: it shows names and accounts, so each look is written down."""
    record(action="transfers.proof_viewed", target=proof, actor=viewer)


def _terms() -> TransferTerms:
    return TransferTerms.load()


def _lock(request_id: int) -> TransferRequest:
    """Lock the order before the transfer, like every other write to an order, and return the transfer as it is now."""
    order_id = SubOrder.objects.values_list("order_id", flat=True).get(transfer=request_id)
    lock_order(order_id=order_id)
    rows: list[Model] = lock_rows(TransferRequest.objects.filter(pk=request_id))
    return rows[0]  # type: ignore[return-value]
