"""Where requests meet the admin."""

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import SummaryItem

from marketplace.aftersales import admin_views
from marketplace.aftersales.policies import may_judge
from marketplace.aftersales.selectors import escalated_requests
from marketplace.core.admin_access import PolicyMenuItem, QueueSummary


@hooks.register("register_admin_urls")
def register_urls() -> list[URLResolver]:
    """The queue and one request."""
    patterns = [
        path("", admin_views.RequestListView.as_view(), name="list"),
        path("<int:pk>/", admin_views.RequestView.as_view(), name="request"),
        path("<int:pk>/bayar-dulu/", admin_views.TakeOverView.as_view(), name="take-over"),
        path("<int:pk>/foto/<int:photo_id>/", admin_views.PhotoView.as_view(), name="photo"),
    ]
    return [path("permintaan/", include((patterns, "aftersales_admin")))]


@hooks.register("register_admin_menu_item")
def requests_item() -> MenuItem:
    return PolicyMenuItem(
        _("Requests"),
        reverse("aftersales_admin:list"),
        name="refund-requests",
        icon_name="resubmit",
        order=451,
        policy=may_judge,
    )


@hooks.register("construct_homepage_summary_items")
def show_what_waits(request: HttpRequest, summary_items: list[SummaryItem]) -> None:
    summary_items.append(
        QueueSummary(
            request,
            label=_("Requests for money back"),
            url=reverse("aftersales_admin:list"),
            icon_name="resubmit",
            count=lambda: escalated_requests().count(),
            policy=may_judge,
            order=451,
        )
    )
