"""What is kept of a buyer's requests, as a holding (marketplace.accounts.privacy)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.accounts.privacy import Holding
from marketplace.aftersales.models import RefundRequest, RequestEvent, RequestPhoto
from marketplace.orders.privacy import orders_about


def export(user: User) -> list[dict[str, Any]]:
    """Every request with what was written; the photos by their number."""
    requests = RefundRequest.objects.filter(suborder__order__in=orders_about(user)).prefetch_related("events", "photos")
    return [
        {
            "order": request.suborder.order.number,
            "at": request.created_at.isoformat(),
            "reason": request.reason,
            "text": request.text,
            "amount": request.amount,
            "status": request.status,
            "photos": len(request.photos.all()),
            "steps": [{"at": event.happened_at.isoformat(), "what": event.kind} for event in request.events.all()],
        }
        for request in requests.select_related("suborder__order").order_by("pk")
    ]


def erase(user: User) -> None:
    """Delete the photos and what the buyer wrote; what was decided, and about how much, stays."""
    requests = RefundRequest.objects.filter(suborder__order__in=orders_about(user))
    for photo in RequestPhoto.objects.filter(request__in=requests):
        photo.file.delete(save=False)
        photo.delete()
    RequestEvent.objects.filter(request__in=requests, by=RequestEvent.By.BUYER).update(note="")
    requests.update(text="", person=None, tracking_number="")


REQUESTS = Holding(
    key="refund_requests",
    label=_("What you asked back: reasons, photos, what was decided"),
    kept_after=_("What was decided and how much it was, for ten years, without your words and photos."),
    export=export,
    erase=erase,
    order=46,
)
