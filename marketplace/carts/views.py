"""The basket. Every change is a POST that leads back to it; with script only the changed part is drawn anew."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from marketplace.carts import services
from marketplace.carts.forms import VoucherCodeForm
from marketplace.carts.models import Cart, CartLine
from marketplace.carts.selectors import add_shop_pictures, cart_contents, cart_quantity, offer_on
from marketplace.carts.visitor import person_of, remember_cart, with_cart
from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from marketplace.promotions.guesses import count_guess, may_look_up, too_many
from marketplace.promotions.rules import Offer


@require_GET
@never_cache
@with_cart
def detail(request: HttpRequest, *, cart: Cart | None) -> HttpResponse:
    """What is in the basket, by shop, with what changed meanwhile."""
    response = _page(request, cart)
    if request.headers.get("HX-Request"):
        response["HX-Trigger"] = json.dumps({"basket-changed": {}, **_toast_of_messages(request)})
    return response


def _page(request: HttpRequest, cart: Cart | None, *, typed: str = "", refused: Offer | None = None) -> HttpResponse:
    """Draw the basket from what is true now.

    Arguments:
        typed, refused: a voucher that was tried just now, and why it is not used. The one in the basket stays.
    """
    contents = cart_contents(cart, with_removed=True)
    add_shop_pictures(contents)
    offer = offer_on(contents, cart.voucher_code if cart else "", email=_email_of(request))
    form = VoucherCodeForm({"voucher": typed} if refused else None)
    if refused:
        form.add_error("voucher", refused.refusal)
    context = {"contents": contents, "offer": offer, "voucher_form": form, "refused": refused}
    return render(request, "carts/detail.html", context, status=422 if refused else 200)


def _email_of(request: HttpRequest) -> str:
    person = person_of(request)
    return person.email if person else ""


def _toast_of_messages(request: HttpRequest) -> dict[str, Any]:
    """What the page would say in its toast region, which a partly drawn page does not reach."""
    said = [str(message) for message in messages.get_messages(request)]
    return {"toast": {"text": " ".join(said)}} if said else {}


@require_GET
@never_cache
@with_cart
def badge(request: HttpRequest, *, cart: Cart | None) -> HttpResponse:
    """The number on the basket's icon, which pages load apart so that they are the same for everyone."""
    return render(request, "components/basket_badge.html", {"count": cart_quantity(cart)})


@require_POST
@throttle("cart-add", rate="60/m")
@never_cache
@with_cart
def add(request: HttpRequest, *, cart: Cart | None) -> HttpResponse:
    """Put something in. Answers script with a toast, everyone else with the basket."""
    try:
        added = services.add_to_cart(
            cart=cart,
            user=person_of(request),
            variant_id=_number(request.POST.get("variant"), 0),
            quantity=_number(request.POST.get("quantity"), 1),
        )
    except DomainError as refused:
        return _refused(request, refused)
    said = _("Added to your basket.")
    if added.hint:
        said = f"{said} {added.hint}"
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        toast = {"text": said, "action_label": _("See the basket"), "action_url": reverse("carts:detail")}
        response["HX-Trigger"] = json.dumps({"basket-changed": {"count": added.basket_quantity}, "toast": toast})
    else:
        messages.success(request, said)
        response = redirect("carts:detail")
    remember_cart(response, added.cart)
    return response


def _refused(request: HttpRequest, refused: DomainError) -> HttpResponse:
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Trigger"] = json.dumps({"toast": {"text": str(refused), "level": "error"}})
        return response
    messages.error(request, str(refused))
    return redirect("carts:detail")


@require_POST
@never_cache
@with_cart
def update_line(request: HttpRequest, line_id: int, *, cart: Cart | None) -> HttpResponse:
    """Set how many of a line."""
    hint = _on_line(cart, line_id, services.change_quantity, quantity=_number(request.POST.get("quantity"), 1))
    if hint:
        messages.warning(request, hint)
    return redirect("carts:detail")


@require_POST
@never_cache
@with_cart
def remove_line(request: HttpRequest, line_id: int, *, cart: Cart | None) -> HttpResponse:
    """Take a line out; the page offers to put it back."""
    _on_line(cart, line_id, services.remove_line)
    return redirect("carts:detail")


@require_POST
@never_cache
@with_cart
def restore_line(request: HttpRequest, line_id: int, *, cart: Cart | None) -> HttpResponse:
    """Put a line back."""
    _on_line(cart, line_id, services.restore_line)
    return redirect("carts:detail")


@require_POST
@throttle("cart-voucher", rate="30/m")
@never_cache
@with_cart
def use_voucher(request: HttpRequest, *, cart: Cart | None) -> HttpResponse:
    """Put a voucher into the basket. One that takes nothing off and never will is refused in its place."""
    code = request.POST.get("voucher", "").replace("\x00", "")[:40].strip()
    if cart is None or not code:
        return redirect("carts:detail")
    if not may_look_up(request):
        return _page(request, cart, typed=code, refused=too_many())
    offer = offer_on(cart_contents(cart), code, email=_email_of(request))
    if offer is None:
        return redirect("carts:detail")
    count_guess(request, offer)
    if not offer.code_to_keep:
        return _page(request, cart, typed=code, refused=offer)
    services.set_voucher(cart=cart, code=offer.code_to_keep)
    return redirect("carts:detail")


@require_POST
@never_cache
@with_cart
def remove_voucher(request: HttpRequest, *, cart: Cart | None) -> HttpResponse:
    """Take the voucher out of the basket."""
    if cart is not None:
        services.set_voucher(cart=cart, code="")
    return redirect("carts:detail")


def _on_line(cart: Cart | None, line_id: int, change: Any, **arguments: Any) -> Any:
    """Do something to a line of this very basket; another one's line does not exist here."""
    if cart is None:
        raise Http404
    try:
        return change(cart=cart, line_id=line_id, **arguments)
    except CartLine.DoesNotExist:
        raise Http404 from None


def _number(text: str | None, fallback: int) -> int:
    """A number somebody typed; what isn't one, or is absurdly long, is the fallback's business."""
    cleaned = (text or "").strip()
    if not cleaned:
        return fallback
    return int(cleaned) if cleaned.isascii() and cleaned.isdigit() and len(cleaned) < 10 else 0
