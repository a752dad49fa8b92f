"""Where requests meet the admin."""

from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from marketplace.aftersales import admin_views
from marketplace.aftersales.policies import may_judge
from marketplace.core.admin_access import PolicyMenuItem


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
