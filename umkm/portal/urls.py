"""Addresses of the owner's pages. Those of orders stand in urls_orders.py."""

from django.urls import URLPattern, URLResolver, include, path

from umkm.portal import (
    views_home,
    views_papers,
    views_product_steps,
    views_products,
    views_shop,
    views_team,
    views_vouchers,
)

app_name = "portal"

product_patterns = [
    path("", views_products.product_edit, name="product-edit"),
    path("pratinjau/", views_product_steps.product_preview, name="product-preview"),
    path("harga-stok/", views_products.product_stock, name="product-stock"),
    path("ajukan/", views_product_steps.product_submit, name="product-submit"),
    path("tarik/", views_product_steps.product_withdraw, name="product-withdraw"),
    path("arsipkan/", views_product_steps.product_archive, name="product-archive"),
    path("kembalikan/", views_product_steps.product_restore, name="product-restore"),
]

shop_patterns: list[URLPattern | URLResolver] = [
    path("", views_home.today, name="today"),
    path("", include("umkm.portal.urls_orders")),
    path("produk/", views_products.product_list, name="products"),
    path("produk/baru/", views_products.product_create, name="product-create"),
    path("produk/foto/", views_products.photo_upload, name="photo-upload"),
    path("produk/<int:pk>/", include(product_patterns)),
    path("toko/", views_shop.shop, name="shop"),
    path("dokumen/", views_papers.papers, name="papers"),
    path("dokumen/<slug:kind>/", views_papers.renew, name="paper-renew"),
    path("dokumen/<int:pk>/tarik/", views_papers.withdraw, name="paper-withdraw"),
    path("voucher/", views_vouchers.voucher_list, name="vouchers"),
    path("voucher/baru/", views_vouchers.voucher_create, name="voucher-create"),
    path("voucher/<int:pk>/", views_vouchers.voucher_edit, name="voucher-edit"),
    path("voucher/<int:pk>/sakelar/", views_vouchers.voucher_switch, name="voucher-switch"),
    path("tim/", views_team.team, name="team"),
    path("tim/undang/", views_team.team_invite, name="team-invite"),
    path("tim/<int:pk>/keluarkan/", views_team.team_remove, name="team-remove"),
    path("tim/undangan/<int:pk>/tarik/", views_team.team_withdraw, name="team-withdraw"),
]

urlpatterns = [
    path("", views_home.home, name="home"),
    path("undangan/<str:token>/", views_team.invitation, name="invitation"),
    path("<slug:vendor_slug>/", include(shop_patterns)),
]
