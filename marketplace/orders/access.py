"""A buyer's order by its address. Whoever has it, which nobody can guess, acts for the buyer."""

from django.http import Http404, HttpResponse

from marketplace.orders.models import Order
from marketplace.orders.selectors import order_at


def order_or_404(number: str, token: str) -> Order:
    """The order at this address; a wrong token is as good as no order."""
    order = order_at(number=number, token=token)
    if order is None:
        raise Http404("there is no such order")
    return order


def keep_private(response: HttpResponse) -> HttpResponse:
    """The address is a key: it must not leak to other sites or into search engines."""
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
