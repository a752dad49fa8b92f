"""From the basket to the order: one page that works without script and keeps what was typed."""

import re
import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.carts.models import Cart
from marketplace.carts.selectors import CartContents, add_shop_pictures, cart_contents
from marketplace.carts.services import set_voucher
from marketplace.carts.visitor import person_of, with_cart
from marketplace.checkout.destinations import destination, find_destinations, full_name
from marketplace.checkout.drafts import Address, Contact
from marketplace.checkout.forms import CheckoutForm, chosen_deliveries
from marketplace.checkout.plans import Plan, make_plan
from marketplace.checkout.selectors import remembered_details
from marketplace.checkout.services import place_order
from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from marketplace.core.refusals import show_refusal
from marketplace.orders.models import Order, PaymentMethod
from marketplace.orders.services import CASH_METHODS
from marketplace.payments.selectors import live_attempt
from marketplace.payments.services import open_session
from marketplace.promotions.guesses import count_guess, may_look_up, too_many

KEY = re.compile(r"[\w-]{20,40}", re.ASCII)


@require_http_methods(["GET", "POST"])
@never_cache
@with_cart
def start(request: HttpRequest, *, cart: Cart | None) -> HttpResponse:
    """The checkout. A GET shows it, filled in as far as we know the buyer; a POST orders."""
    if request.method == "POST":
        return _place(request, cart=cart)
    contents = cart_contents(cart)
    if not contents.orderable:
        return redirect("carts:detail")
    kept = {"voucher": cart.voucher_code} if cart else {}
    return _page(request, contents, initial=remembered_details(person_of(request)) | kept)


@require_POST
@throttle("checkout-options", rate="120/m")
@never_cache
@with_cart
def options(request: HttpRequest, *, cart: Cart | None) -> HttpResponse:
    """The same page after a search for a place or another choice: prices follow, what was typed stays unjudged."""
    contents = cart_contents(cart)
    if not contents.orderable:
        return redirect("carts:detail")
    return _page(request, contents, initial=_typed(request), cart=cart)


def _typed(request: HttpRequest) -> dict[str, str]:
    """What was posted, without the sign that no database stores."""
    return {name: str(value).replace("\x00", "") for name, value in request.POST.items()}


def _page(
    request: HttpRequest,
    contents: CartContents,
    *,
    cart: Cart | None = None,
    initial: dict[str, str] | None = None,
    posted: dict[str, str] | None = None,
    refused: DomainError | None = None,
) -> HttpResponse:
    """Draw the checkout from what is true now: from `initial` without judging it, or from `posted` with its errors.

    Arguments:
        cart: where a voucher is kept whose button was pressed.
    """
    values = posted if posted is not None else initial or {}
    add_shop_pictures(contents)
    form, context = _form(request, contents, values, is_bound=posted is not None)
    if posted is not None:
        form.is_valid()
    if refused is not None and str(refused) not in form.errors.get(refused.field or "", []):
        show_refusal(form, refused)
    if cart is not None and "use_voucher" in values:
        set_voucher(cart=cart, code=form.plan.offer.code_to_keep if form.plan.offer else "")
    context["checkout_key"] = _key(values)
    return render(request, "checkout/start.html", context, status=422 if form.errors else 200)


def _form(
    request: HttpRequest, contents: CartContents, values: dict[str, str], *, is_bound: bool
) -> tuple[CheckoutForm, dict[str, Any]]:
    region = destination("" if values.get("clear_region") else values.get("region", "")[:13])
    deliveries = chosen_deliveries(values, [group.vendor.pk for group in contents.orderable])
    person = person_of(request)
    plan = make_plan(
        contents=contents,
        region=region,
        deliveries=deliveries,
        voucher_code=_voucher_code(request, values),
        buyer_email=person.email if person else "",
    )
    _count_guess(request, plan, values)
    if plan.offer is not None and request.method == "GET":
        # What came along from the basket and takes nothing off is said, but stands in nobody's way.
        values = values | {"voucher": plan.voucher.code if plan.voucher else ""}
    query = "" if region else values.get("region_query", "")[:80]
    known = {**values, "region": region.code if region else "", "region_query": query}
    if region:
        known["postal_code"] = values.get("postal_code") or region.postal_code
    form = CheckoutForm(known if is_bound else None, initial=dict(known), plan=plan, has_region=region is not None)
    context = {
        "form": form,
        "plan": plan,
        "contents": contents,
        "region": region,
        "region_name": full_name(region) if region else "",
        "found": [
            {"code": place.code, "name": full_name(place), "postal_code": place.postal_code}
            for place in find_destinations(query)
        ],
        "searched": query,
    }
    return form, context


def _voucher_code(request: HttpRequest, values: dict[str, str]) -> str:
    """The code that was typed; none while somebody tries one after the other."""
    code = values.get("voucher", "")[:40].strip()
    return code if code and may_look_up(request) else ""


def _count_guess(request: HttpRequest, plan: Plan, values: dict[str, str]) -> None:
    """A code that does not exist counts against whoever typed it; too many, and none is looked up for a while."""
    if plan.offer is not None:
        count_guess(request, plan.offer)
    elif values.get("voucher", "").strip() and plan.parts:
        plan.offer = too_many()


def _key(values: dict[str, str]) -> str:
    """The key of this form: the one it came with, so that a second post of it is known as such."""
    given = values.get("checkout_key", "")
    return given if KEY.fullmatch(given) else secrets.token_urlsafe(24)


@throttle("checkout", rate="20/m")
def _place(request: HttpRequest, *, cart: Cart | None) -> HttpResponse:
    typed = _typed(request)
    key = _key(typed)
    contents = cart_contents(cart)
    form, _context = _form(request, contents, typed, is_bound=True)
    is_valid = form.is_valid()
    if not form.plan.parts or not is_valid:
        # A second post of a form that went through: its things are no longer in the basket.
        placed = Order.objects.filter(checkout_key=key).first()
        if placed is not None:
            return _go_on(request, placed)
    if not form.plan.parts:
        messages.error(request, _("Nothing in your basket can be ordered now. Look at the basket: each line says why."))
        return redirect("carts:detail")
    if cart is None or not is_valid:
        return _page(request, contents, posted=typed | {"checkout_key": key})
    data = form.cleaned_data
    try:
        order = place_order(
            cart_id=cart.pk,
            buyer=person_of(request),
            contact=Contact(name=data["name"], email=data["email"], phone=data["phone"]),
            address=Address(
                region_code=data["region"],
                street=data["street"],
                postal_code=data["postal_code"],
                note=data["note"],
            ),
            deliveries=form.deliveries(),
            payment_method=data["payment_method"],
            checkout_key=key,
            language=get_language() or "id",
            expected_total=_number(typed.get("expected_total", "")),
            seen=form.plan,
            voucher_code=data["voucher"],
        )
    except DomainError as refused:
        # Read anew: what the refusal is about is marked on its line.
        return _page(request, cart_contents(cart), posted=typed | {"checkout_key": key}, refused=refused)
    return _go_on(request, order)


def _go_on(request: HttpRequest, order: Order) -> HttpResponse:
    """To the payment page, or to the order when there is nothing to pay now."""
    if order.payment_method == PaymentMethod.MANUAL_TRANSFER:
        return redirect("transfers:detail", order.number, order.token)
    if order.payment_method in CASH_METHODS:
        return redirect(order.get_absolute_url())
    attempt = live_attempt(order=order)
    if attempt is None:
        return redirect(order.get_absolute_url())
    try:
        return redirect(open_session(attempt_id=attempt.pk))
    except DomainError as error:
        # The order stands; it can be paid from its own page.
        messages.error(request, str(error))
        return redirect(order.get_absolute_url())


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else None
