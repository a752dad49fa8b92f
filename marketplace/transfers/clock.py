"""What the clock does with transfers: unpaid parts end, shops are reminded, operators take over, old proofs go."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from marketplace.audit.services import record
from marketplace.transfers import notices
from marketplace.transfers.models import TransferProof, TransferRequest, TransferTerms
from marketplace.transfers.services import end_transfer

Status = TransferRequest.Status
BATCH = 200
NOT_PAID = gettext_noop("Not paid in time")


def keep_terms() -> dict[str, int]:
    """Everything whose time has come, each on its own so that one failure does not stop the others."""
    now = timezone.now()
    done = {"ended": 0, "reminded": 0, "escalated": 0}
    for pk in _due(Status.WAITING).filter(due_at__lte=now).values_list("pk", flat=True)[:BATCH]:
        done["ended"] += end_transfer(request_id=pk, actor=None, note=NOT_PAID)
    half_time = now + timedelta(hours=TransferTerms.load().hours_to_confirm) / 2
    to_remind = _due(Status.CHECKING).filter(reminded_at=None, due_at__lte=half_time)
    for pk in to_remind.values_list("pk", flat=True)[:BATCH]:
        done["reminded"] += _remind(pk)
    for pk in _due(Status.CHECKING).filter(escalated_at=None, due_at__lte=now).values_list("pk", flat=True)[:BATCH]:
        done["escalated"] += _escalate(pk)
    return done


def delete_old_proofs() -> int:
    """Delete the pictures of proofs that were answered long ago; who answered what stays. Returns how many."""
    before = timezone.now() - timedelta(days=TransferTerms.load().days_to_keep)
    old = TransferProof.objects.filter(answered_at__lte=before).exclude(file="")
    deleted = 0
    for proof in old.order_by("pk")[:BATCH]:
        proof.file.delete(save=False)
        TransferProof.objects.filter(pk=proof.pk).update(file="", sender_name="")
        deleted += 1
    return deleted


def _due(status: str) -> "QuerySet[TransferRequest]":
    return TransferRequest.objects.filter(status=status).order_by(F("due_at").asc())


@transaction.atomic
def _remind(pk: int) -> bool:
    """Once: the conditional UPDATE decides who sends the mail."""
    now = timezone.now()
    if not TransferRequest.objects.filter(pk=pk, status=Status.CHECKING, reminded_at=None).update(reminded_at=now):
        return False
    transfer = TransferRequest.objects.select_related("suborder__vendor", "suborder__order").get(pk=pk)
    notices.remind_shop(transfer=transfer)
    return True


@transaction.atomic
def _escalate(pk: int) -> bool:
    now = timezone.now()
    if not TransferRequest.objects.filter(pk=pk, status=Status.CHECKING, escalated_at=None).update(escalated_at=now):
        return False
    transfer = TransferRequest.objects.select_related("suborder__vendor", "suborder__order__buyer").get(pk=pk)
    record(action="transfers.escalated", target=transfer)
    notices.tell_buyer(transfer=transfer, kind="transfer_with_operators")
    return True
