"""Where the work in the background meets the admin."""

from django.urls import URLResolver, include, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from marketplace.core.admin_access import register_queue
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


register_queue(
    name="background",
    label=_("Background work"),
    waiting_label=_("Given up after many tries"),
    url_name="outbox_admin:background",
    icon_name="tasks",
    order=460,
    policy=may_repeat,
    count=lambda: given_up().count(),
)
