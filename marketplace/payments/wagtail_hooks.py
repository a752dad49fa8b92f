"""Where payments meet the admin."""

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import SummaryItem

from marketplace.core.admin_access import PolicyMenuItem, QueueSummary
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


@hooks.register("register_admin_menu_item")
def review_item() -> MenuItem:
    return PolicyMenuItem(
        _("Payments"),
        reverse("payments_admin:review"),
        name="payments",
        icon_name="warning",
        order=450,
        policy=may_review_payments,
    )


@hooks.register("construct_homepage_summary_items")
def show_what_waits(request: HttpRequest, summary_items: list[SummaryItem]) -> None:
    summary_items.append(
        QueueSummary(
            request,
            label=_("Payments to check"),
            url=reverse("payments_admin:review"),
            icon_name="warning",
            count=lambda: sum(rows.count() for rows in selectors.review_lists().values()),
            policy=may_review_payments,
            order=450,
        )
    )
