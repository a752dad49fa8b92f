"""Our own screens in the admin. A policy lets only some people in: for everybody else they do not exist."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

Policy = Callable[..., tuple[bool, str]]


class PolicyMixin:
    """Put it first among a view's bases.

    Arguments:
        policy: gets the person as `user` and answers (allowed, reason); wrap a function in staticmethod().
    """

    policy: ClassVar[Policy]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        allowed, reason = self.policy(user=request.user)
        if not allowed:
            raise Http404(reason)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class AdminPage(WagtailAdminTemplateMixin, TemplateView):
    """A screen with its title as the last step of the way to it."""

    _show_breadcrumbs = True

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.get_page_title()}]


class PolicyMenuItem(MenuItem):
    """An entry of the admin's menu, shown to those whom `policy` lets in."""

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy = policy

    def is_shown(self, request: HttpRequest) -> bool:
        return self.policy(user=request.user)[0]
