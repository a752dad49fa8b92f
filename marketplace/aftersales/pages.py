"""What the pages of a request show, for buyer, shop and operator alike. Reads only what is loaded already."""

from typing import Any

from django.utils.translation import gettext as _

from marketplace.aftersales.models import RefundRequest, RequestEvent
from marketplace.core.dates import format_local_date
from marketplace.core.money import format_rupiah
from marketplace.orders.models import SubOrder
from marketplace.orders.tracking import Step
from marketplace.payments.provider_words import provider_words

Status = RefundRequest.Status
Kind = RequestEvent.Kind
BADGES = {
    Status.ASKED: "due",
    Status.ESCALATED: "due",
    Status.RETURNING: "due",
    Status.SENT_BACK: "office",
    Status.REFUNDING: "office",
    Status.DONE: "permit",
    Status.DECLINED: "",
    Status.WITHDRAWN: "",
}
ICONS = {
    Kind.ASKED: "chat-circle",
    Kind.OFFERED: "money",
    Kind.APPROVED: "check",
    Kind.DECLINED: "x",
    Kind.ESCALATED: "users",
    Kind.SENT_BACK: "package",
    Kind.RECEIVED: "storefront",
    Kind.REFUNDED: "check-circle",
    Kind.FAILED: "warning-circle",
    Kind.WITHDRAWN: "x",
    Kind.LAPSED: "x",
    Kind.SETTLED: "check",
    Kind.PARTLY: "money",
}


def badge_of(request: RefundRequest) -> tuple[str, str]:
    """The word and the kind of badge for how a request stands."""
    return str(request.get_status_display()).capitalize(), BADGES[Status(request.status)]


def timeline(request: RefundRequest) -> list[Step]:
    """What happened, in the order of time, and what is waited for now."""
    steps = []
    for event in request.events.all():
        note = format_local_date(event.happened_at, "relative")
        if event.note:
            note = f"{note}. “{provider_words(_(event.note))}”"
        steps.append(Step(_title(event), note, "done", ICONS[Kind(event.kind)]))
    if request.is_open:
        due = ""
        if request.due_at:
            due = _("until %(moment)s") % {"moment": format_local_date(request.due_at, "relative")}
        steps.append(Step(waiting_for(request), due, "now", "clock"))
    return steps


def waiting_for(request: RefundRequest) -> str:
    """Whose turn it is, in a few words."""
    if request.status == Status.REFUNDING:
        return _("The shop pays it back") if request.due_at else _("The money is on its way")
    return {
        Status.ASKED: _("The shop decides"),
        Status.ESCALATED: _("Our operators decide"),
        Status.RETURNING: _("The buyer sends the goods back"),
        Status.SENT_BACK: _("The shop waits for the goods"),
    }.get(Status(request.status), "")


def _title(event: RequestEvent) -> str:
    by_operator = event.by == RequestEvent.By.OPERATOR
    went_back = {"amount": format_rupiah(event.amount or 0)}
    return {
        Kind.ASKED: _("The buyer asked for the money back"),
        Kind.OFFERED: _("The shop gave money back"),
        Kind.APPROVED: _("Our operators agreed") if by_operator else _("The shop agreed"),
        Kind.DECLINED: _("Our operators refused") if by_operator else _("The shop refused"),
        Kind.ESCALATED: _("Brought before our operators"),
        Kind.SENT_BACK: _("The buyer sent the goods back"),
        Kind.RECEIVED: _("The shop has the goods again"),
        Kind.REFUNDED: _("Paid back"),
        Kind.FAILED: _("The money could not be sent"),
        Kind.WITHDRAWN: _("The buyer withdrew the request"),
        Kind.LAPSED: _("Closed: nothing was sent back in time"),
        Kind.SETTLED: _("Settled: %(amount)s was sent back at the payment provider") % went_back,
        Kind.PARTLY: _("%(amount)s was sent back at the payment provider, the rest stays open") % went_back,
    }[Kind(event.kind)]


def facts(request: RefundRequest) -> dict[str, Any]:
    """The parts of a page that all three sides see."""
    label, kind = badge_of(request)
    return {
        "request_row": request,
        "badge_label": label,
        "badge_kind": kind,
        "steps": timeline(request),
        "things": [(row.line, row.quantity) for row in request.lines.all()],
        "photos": list(request.photos.all()),
    }


def requests_of_part(part: SubOrder) -> list[dict[str, Any]]:
    """A part's requests with their badges, newest first; one query."""
    rows = []
    for row in part.refund_requests.order_by("-created_at", "-pk"):
        label, kind = badge_of(row)
        rows.append({"row": row, "label": label, "kind": kind})
    return rows
