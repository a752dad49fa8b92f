"""Throttles for forms that can be abused. Counts live in the shared cache (Redis in production)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django_ratelimit import UNSAFE
from django_ratelimit.core import is_ratelimited

R = TypeVar("R", bound=HttpResponseBase)


def throttle(
    group: str, *, rate: str, by: str = "ip", method: Any = UNSAFE
) -> Callable[[Callable[..., R]], Callable[..., R | HttpResponse]]:
    """Let a view be used `rate` times (`"10/m"`, `"30/h"`) per address or person, then answer 429 with what to do.

    Arguments:
        group: the name of the throttle; `settings.THROTTLE_RATES[group]` overrides its rate.
        by: `"ip"` counts per address, `"user"` per signed-in person (per address for visitors).
        method: the HTTP methods that count; GET does not by default.
    """
    key = {"ip": "ip", "user": "user_or_ip"}[by]

    def decorate(view: Callable[..., R]) -> Callable[..., R | HttpResponse]:
        @wraps(view)
        def throttled(request: HttpRequest, *args: Any, **kwargs: Any) -> R | HttpResponse:
            allowed_rate = settings.THROTTLE_RATES.get(group, rate)
            if is_ratelimited(request, group=group, key=key, rate=allowed_rate, method=method, increment=True):
                return too_many_requests(request)
            return view(request, *args, **kwargs)

        return throttled

    return decorate


def is_over(request: HttpRequest, group: str, *, rate: str, counts: bool) -> bool:
    """Whether this address has done something more often than `rate`; the throttle for a part of what a view does.

    Arguments:
        counts: it has just done it once more.
    """
    allowed_rate = settings.THROTTLE_RATES.get(group, rate)
    return bool(is_ratelimited(request, group=group, key="ip", rate=allowed_rate, method=UNSAFE, increment=counts))


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The 429 page: nothing was lost, wait a little, try again."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response
