"""Where the work in the background meets the admin."""

from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from marketplace.core.admin_access import PolicyMenuItem
from marketplace.outbox import admin_views
from marketplace.outbox.policies import may_repeat


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
