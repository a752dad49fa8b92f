"""Addresses of a shop's orders, of how it is paid and sends, and of its money, below /portal/<shop>/."""

from django.urls import URLPattern, URLResolver, include, path

from umkm.portal import views_orders, views_payments, views_shipping

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("umkm.portal.urls_requests")),
    path("pesanan/", views_orders.order_list, name="orders"),
    path("pesanan/<int:pk>/", views_orders.order_detail, name="order"),
    path("pesanan/<int:pk>/langkah/", views_orders.order_step, name="order-step"),
    path("pesanan/<int:pk>/slip/", views_orders.packing_slip, name="order-slip"),
    path("cara-bayar/", views_payments.payment_methods, name="payment-methods"),
    path("transfer/", views_payments.transfer_list, name="transfers"),
    path("transfer/<int:pk>/diterima/", views_payments.transfer_confirm, name="transfer-confirm"),
    path("transfer/<int:pk>/belum/", views_payments.transfer_refuse, name="transfer-refuse"),
    path("transfer/bukti/<int:pk>/", views_payments.transfer_proof, name="transfer-proof"),
    path("uang/", include("umkm.portal.urls_money")),
    path("pengiriman/", views_shipping.shipping, name="shipping"),
    path("pengiriman/wilayah/", views_shipping.shipping_area, name="shipping-area"),
    path("pengiriman/wilayah/<int:pk>/hapus/", views_shipping.shipping_area_remove, name="shipping-area-remove"),
    path("pengiriman/ambil/", views_shipping.shipping_point, name="shipping-point"),
    path("pengiriman/ambil/<int:pk>/tutup/", views_shipping.shipping_point_close, name="shipping-point-close"),
]
