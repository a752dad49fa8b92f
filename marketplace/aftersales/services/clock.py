"""What the clock does: shops are reminded, what they leave lying goes to the operators, what buyers leave is closed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from marketplace.aftersales import notices
from marketplace.aftersales.models import RefundRequest
from marketplace.aftersales.services.requests import By, Kind, Status, add_event, close, lock_request

REMINDED_BEFORE = timedelta(days=1)
BATCH = 200
# Whose turn it is in each state, and what the site says when the time is over.
SHOPS_TURN = {
    Status.ASKED: gettext_noop("The shop did not answer in time"),
    Status.SENT_BACK: gettext_noop("The shop did not say whether the goods came back"),
    Status.REFUNDING: gettext_noop("The shop did not pay it back in time"),
}


def keep_terms(*, now: datetime | None = None) -> dict[str, int]:
    """Everything whose time has come, each in a transaction of its own. Harmless to repeat."""
    moment = now or timezone.now()
    done = {"reminded": 0, "escalated": 0, "lapsed": 0}
    soon = RefundRequest.objects.filter(
        status__in=[*SHOPS_TURN, Status.RETURNING],
        reminded_at=None,
        due_at__lte=moment + REMINDED_BEFORE,
        due_at__gt=moment,
    )
    for pk in list(soon.order_by("due_at").values_list("pk", flat=True)[:BATCH]):
        done["reminded"] += _remind(pk)
    over = RefundRequest.objects.filter(status__in=[*SHOPS_TURN, Status.RETURNING], due_at__lte=moment)
    for pk in list(over.order_by("due_at").values_list("pk", flat=True)[:BATCH]):
        outcome = _end_term(pk, moment)
        if outcome:
            done[outcome] += 1
    return done


@transaction.atomic
def _remind(pk: int) -> bool:
    """Once: the conditional UPDATE decides who sends the mail."""
    if not RefundRequest.objects.filter(pk=pk, reminded_at=None).update(reminded_at=timezone.now()):
        return False
    request = RefundRequest.objects.select_related("suborder__vendor", "suborder__order__buyer").get(pk=pk)
    notices.remind(request)
    return True


@transaction.atomic
def _end_term(pk: int, now: datetime) -> str:
    request = lock_request(request_id=pk)
    # Somebody acted while we waited for the lock.
    if request.due_at is None or request.due_at > now:
        return ""
    if request.status == Status.RETURNING:
        RefundRequest.MACHINE.advance(request, Status.WITHDRAWN)
        close(request)
        add_event(request, Kind.LAPSED, By.SITE)
        return "lapsed"
    if request.status not in SHOPS_TURN:
        return ""
    note = SHOPS_TURN[Status(request.status)]
    RefundRequest.MACHINE.advance(request, Status.ESCALATED, due_at=None)
    add_event(request, Kind.ESCALATED, By.SITE, note=note)
    return "escalated"
