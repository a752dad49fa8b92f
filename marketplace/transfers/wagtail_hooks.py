"""Where transfers meet the admin."""

from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from marketplace.core.admin_access import PolicyMenuItem
from marketplace.transfers import admin_views
from marketplace.transfers.policies import may_decide


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
