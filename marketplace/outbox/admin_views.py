"""Operators' page about the work in the background: what was given up, and when each periodic job last ran."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from marketplace.core.admin_access import PolicyMixin
from marketplace.outbox import registry, selectors
from marketplace.outbox.policies import may_repeat
from marketplace.outbox.services import repeat_message

SHOWN = 50


class OperatorMixin(PolicyMixin):
    """For whoever may look after the outbox; for everybody else in the admin it does not exist."""

    policy = staticmethod(may_repeat)


class BackgroundView(OperatorMixin, WagtailAdminTemplateMixin, TemplateView):
    """How much waits, what was given up, and the periodic jobs: three queries."""

    template_name = "outbox/admin/background.html"
    page_title = gettext_lazy("Work in the background")
    header_icon = "tasks"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        backlog = selectors.backlog()
        return {
            **super().get_context_data(**kwargs),
            "backlog": backlog,
            "given_up": list(selectors.given_up()[:SHOWN]),
            "more": max(0, backlog.given_up - SHOWN),
            "jobs": selectors.jobs(),
            "facts": [source() for source in registry.facts.values()],
        }


class RepeatView(OperatorMixin, View):
    """An operator lets the worker try a message again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if repeat_message(message_id=pk, actor=request.user):
            messages.success(request, _("The worker tries it again. Reload in a few seconds."))
        else:
            messages.info(request, _("This message is no longer given up: somebody was faster, or it is done."))
        return redirect("outbox_admin:background")
