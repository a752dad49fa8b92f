from django.urls import path

from marketplace.storefront import views

app_name = "storefront"

urlpatterns = [
    path("kategori/", views.categories, name="categories"),
    path("kategori/<path:path>/", views.category, name="category"),
    path("produk/<slug:slug>/", views.product, name="product"),
    path("produk/<slug:slug>/beli/", views.buy, name="buy"),
    path("toko/", views.shops, name="shops"),
    path("toko/<slug:slug>/", views.shop, name="shop"),
]
