"""Our own screens in the admin. A policy lets only some people in: for everybody else they do not exist."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.views.generic import TemplateView
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
    """How many wait in a queue, on the first screen of those whom `policy` lets in, as the way to it.

    Register it by the hook `construct_homepage_summary_items`.

    Arguments:
        count: how many wait; asked only for those who see it.
    """

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
