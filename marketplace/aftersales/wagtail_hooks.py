"""Where requests meet the admin."""

from django.urls import URLResolver, include, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from marketplace.aftersales import admin_views
from marketplace.aftersales.policies import may_judge
from marketplace.aftersales.selectors import escalated_requests
from marketplace.core.admin_access import register_queue


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


register_queue(
    name="refund-requests",
    label=_("Requests"),
    waiting_label=_("Requests for money back"),
    url_name="aftersales_admin:list",
    icon_name="resubmit",
    order=451,
    policy=may_judge,
    count=lambda: escalated_requests().count(),
)
