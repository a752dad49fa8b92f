"""Where transfers meet the admin."""

from django.urls import URLResolver, include, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from marketplace.core.admin_access import register_queue
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


register_queue(
    name="transfers",
    label=_("Transfers"),
    waiting_label=_("Transfers to decide"),
    url_name="transfers_admin:queue",
    icon_name="time",
    order=451,
    policy=may_decide,
    count=lambda: with_operators().count(),
)
