"""Where transfers meet the admin."""

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import SummaryItem

from marketplace.core.admin_access import PolicyMenuItem, QueueSummary
from marketplace.transfers import admin_views
from marketplace.transfers.policies import may_decide
from marketplace.transfers.selectors import with_operators


@hooks.register("register_admin_urls")
def register_urls() -> list[URLResolver]:
    """The list, its answers and its proofs."""
    patterns = [
        path("", admin_views.QueueView.as_view(), name="queue"),
        path("<int:pk>/jawab/", admin_views.AnswerView.as_view(), name="answer"),
        path("bukti/<int:pk>/", admin_views.ProofView.as_view(), name="proof"),
    ]
    return [path("transfer/", include((patterns, "transfers_admin")))]


@hooks.register("register_admin_menu_item")
def queue_item() -> MenuItem:
    return PolicyMenuItem(
        _("Transfers"),
        reverse("transfers_admin:queue"),
        name="transfers",
        icon_name="time",
        order=451,
        policy=may_decide,
    )


@hooks.register("construct_homepage_summary_items")
def show_what_waits(request: HttpRequest, summary_items: list[SummaryItem]) -> None:
    summary_items.append(
        QueueSummary(
            request,
            label=_("Transfers to decide"),
            url=reverse("transfers_admin:queue"),
            icon_name="time",
            count=lambda: with_operators().count(),
            policy=may_decide,
            order=452,
        )
    )
