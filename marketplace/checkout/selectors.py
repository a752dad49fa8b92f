"""What the checkout can fill in for somebody who bought here before."""

from marketplace.accounts.models import User
from marketplace.orders.models import Order


def remembered_details(buyer: User | None) -> dict[str, str]:
    """Name, mail, phone and address for the form: of the last order, or of the account, or none."""
    if buyer is None:
        return {}
    last = Order.objects.filter(buyer=buyer).order_by("-placed_at").first()
    details = {"name": buyer.name, "email": buyer.email, "phone": buyer.phone or ""}
    if last is None:
        return details
    return details | {
        "name": last.recipient_name,
        "phone": last.phone or details["phone"],
        "region": last.region_id or "",
        "street": last.address,
        "postal_code": last.postal_code,
    }
