"""Our own screens in the admin. A policy lets only some people in: for everybody else they do not exist."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.views.generic import TemplateView
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import SummaryItem
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


class QueueSummary(SummaryItem):
    """How many wait in a queue, on the first screen of those whom `policy` lets in, as the way to it."""

    template_name = "core/admin/queue_summary.html"

    def __init__(
        self,
        request: HttpRequest,
        *,
        label: str | Promise,
        url: str,
        icon_name: str,
        count: Callable[[], int],
        policy: Policy,
        order: int,
    ) -> None:
        super().__init__(request)
        self.label, self.url, self.icon_name, self.count, self.policy = label, url, icon_name, count, policy
        self.order = order

    def is_shown(self) -> bool:
        """See SummaryItem."""
        return self.policy(user=self.request.user)[0]

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """See Component."""
        return {"label": self.label, "url": self.url, "icon_name": self.icon_name, "number": self.count()}


def register_queue(
    *,
    name: str,
    label: str | Promise,
    waiting_label: str | Promise,
    url_name: str,
    icon_name: str,
    order: int,
    policy: Policy,
    count: Callable[[], int],
) -> None:
    """A list that people work off: an entry in the menu, and how many wait there on the first screen.

    Call it in a slice's wagtail_hooks.

    Arguments:
        name: the menu entry's own name; label: what it says.
        waiting_label: what the first screen says before the number.
        count: how many wait; asked only for those whom `policy` lets in.
    """

    @hooks.register("register_admin_menu_item")
    def menu_item() -> MenuItem:
        return PolicyMenuItem(label, reverse(url_name), name=name, icon_name=icon_name, order=order, policy=policy)

    @hooks.register("construct_homepage_summary_items")
    def show_what_waits(request: HttpRequest, summary_items: list[SummaryItem]) -> None:
        summary_items.append(
            QueueSummary(
                request,
                label=waiting_label,
                url=reverse(url_name),
                icon_name=icon_name,
                count=count,
                policy=policy,
                order=order,
            )
        )
