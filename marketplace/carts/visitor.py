"""Whose basket it is: that of the person who is signed in, or the one that the visitor's cookie names.

A cookie of its own, so that looking at pages and filling a basket need no session.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from marketplace.accounts.models import User
from marketplace.carts.models import Cart
from marketplace.carts.services import adopt_cart, find_cart

COOKIE = "keranjang"
COOKIE_SECONDS = 60 * 24 * 3600
TOKEN = re.compile(r"[\w-]{20,40}", re.ASCII)

CartView = Callable[..., HttpResponse]


def with_cart(view: CartView) -> CartView:
    """Give the view the visitor's basket as `cart`, or None; adopted at the first chance after sign-in."""

    @wraps(view)
    def with_own_cart(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        token = request.COOKIES.get(COOKIE, "")
        token = token if TOKEN.fullmatch(token) else ""
        person = person_of(request)
        cart = adopt_cart(user=person, token=token) if person and token else find_cart(user=person, token=token)
        response = view(request, *args, cart=cart, **kwargs)
        if person and token and COOKIE not in response.cookies:
            response.delete_cookie(COOKIE, samesite="Lax")
        return response

    return with_own_cart


def person_of(request: HttpRequest) -> User | None:
    """The person who is signed in."""
    return request.user if isinstance(request.user, User) else None


def remember_cart(response: HttpResponse, cart: Cart) -> None:
    """Let a visitor find the basket again. A person's basket needs no cookie."""
    if cart.user_id is None:
        response.set_cookie(
            COOKIE,
            cart.token,
            max_age=COOKIE_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
