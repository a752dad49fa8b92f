"""Where the site's vouchers meet the admin."""

from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from marketplace.core.admin_access import PolicyMenuItem
from marketplace.promotions import admin_views
from marketplace.promotions.policies import may_run_vouchers


@hooks.register("register_admin_urls")
def register_urls() -> list[URLResolver]:
    """The list, one voucher, and its switch."""
    patterns = [
        path("", admin_views.VoucherListView.as_view(), name="list"),
        path("baru/", admin_views.VoucherEditView.as_view(), name="create"),
        path("<int:pk>/", admin_views.VoucherEditView.as_view(), name="edit"),
        path("<int:pk>/sakelar/", admin_views.VoucherSwitchView.as_view(), name="switch"),
    ]
    return [path("voucher/", include((patterns, "promotions_admin")))]


@hooks.register("register_admin_menu_item")
def vouchers_item() -> MenuItem:
    return PolicyMenuItem(
        _("Vouchers"),
        reverse("promotions_admin:list"),
        name="vouchers",
        icon_name="tag",
        order=454,
        policy=may_run_vouchers,
    )
