"""Where payments meet the admin."""

from django.urls import URLResolver, include, path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from marketplace.core.admin_access import register_queue
from marketplace.payments import admin_views, selectors
from marketplace.payments.policies import may_review_payments


@hooks.register("register_admin_urls")
def register_urls() -> list[URLResolver]:
    """The list, reconciliation, and their buttons."""
    patterns = [
        path("", admin_views.ReviewListView.as_view(), name="review"),
        path("pesanan/<int:pk>/selesai/", admin_views.MarkReviewedView.as_view(), name="reviewed"),
        path("percobaan/<int:pk>/tanya/", admin_views.AskProviderView.as_view(), name="ask"),
        path("pengembalian/<int:pk>/ulang/", admin_views.RepeatRefundView.as_view(), name="repeat_refund"),
        path("pengembalian/<int:pk>/dibayar/", admin_views.PaidByHandView.as_view(), name="paid_by_hand"),
        path("pengembalian/<int:pk>/pembagian/", admin_views.AssignRefundView.as_view(), name="assign_refund"),
        path("temuan/<int:pk>/", admin_views.HandleFindingView.as_view(), name="handle_finding"),
        path("rekonsiliasi/", admin_views.ReconciliationView.as_view(), name="reconciliation"),
        path("rekonsiliasi/periksa/", admin_views.CheckNowView.as_view(), name="check_now"),
        path("pesan/<int:pk>/ulang/", admin_views.RetryEventView.as_view(), name="retry_event"),
    ]
    return [path("pembayaran/", include((patterns, "payments_admin")))]


register_queue(
    name="payments",
    label=_("Payments"),
    waiting_label=_("Payments to check"),
    url_name="payments_admin:review",
    icon_name="warning",
    order=450,
    policy=may_review_payments,
    count=lambda: sum(rows.count() for rows in selectors.review_lists().values()),
)
