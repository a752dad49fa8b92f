"""Where the work in the background meets the admin."""

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import SummaryItem

from marketplace.core.admin_access import PolicyMenuItem, QueueSummary
from marketplace.outbox import admin_views
from marketplace.outbox.policies import may_repeat
from marketplace.outbox.selectors import given_up


@hooks.register("register_admin_urls")
def register_urls() -> list[URLResolver]:
    patterns = [
        path("", admin_views.BackgroundView.as_view(), name="background"),
        path("<int:pk>/ulang/", admin_views.RepeatView.as_view(), name="repeat"),
    ]
    return [path("latar/", include((patterns, "outbox_admin")))]


@hooks.register("register_admin_menu_item")
def background_item() -> MenuItem:
    return PolicyMenuItem(
        _("Background work"),
        reverse("outbox_admin:background"),
        name="background",
        icon_name="tasks",
        order=460,
        policy=may_repeat,
    )


@hooks.register("construct_homepage_summary_items")
def show_what_waits(request: HttpRequest, summary_items: list[SummaryItem]) -> None:
    summary_items.append(
        QueueSummary(
            request,
            label=_("Given up after many tries"),
            url=reverse("outbox_admin:background"),
            icon_name="tasks",
            count=lambda: given_up().count(),
            policy=may_repeat,
            order=460,
        )
    )
