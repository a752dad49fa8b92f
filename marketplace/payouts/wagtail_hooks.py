"""Where payouts meet the admin."""

from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from marketplace.payouts import admin_rules, admin_views
from umkm.verification.wagtail_hooks import SupervisorMenuItem


@hooks.register("register_admin_urls")
def register_urls() -> list[URLResolver]:
    """Who is due, payouts step by step, bank accounts, commission, sales by month."""
    patterns = [
        path("", admin_views.DueView.as_view(), name="due"),
        path("daftar/", admin_views.PayoutListView.as_view(), name="list"),
        path("toko/<int:pk>/", admin_views.ShopView.as_view(), name="shop"),
        path("ekspor/", admin_views.ExportView.as_view(), name="export"),
        path("<int:pk>/", admin_views.PayoutView.as_view(), name="payout"),
        path("<int:pk>/langkah/", admin_views.StepView.as_view(), name="step"),
        path("rekening/", admin_rules.AccountsView.as_view(), name="accounts"),
        path("rekening/<int:pk>/", admin_rules.AccountView.as_view(), name="account"),
        path("komisi/", admin_rules.CommissionView.as_view(), name="commission"),
        path("komisi/<int:pk>/hapus/", admin_rules.RemoveRuleView.as_view(), name="remove_rule"),
        path("omzet/", admin_rules.GrossView.as_view(), name="gross"),
    ]
    return [path("pencairan/", include((patterns, "payouts_admin")))]


@hooks.register("register_admin_menu_item")
def payouts_item() -> MenuItem:
    return SupervisorMenuItem(
        _("Payouts"), reverse("payouts_admin:due"), name="payouts", icon_name="calendar", order=452
    )
