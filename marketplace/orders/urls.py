from django.urls import path

from marketplace.orders import views

app_name = "orders"

urlpatterns = [
    path("akun/pesanan/", views.mine, name="mine"),
    path("pesanan/", views.find, name="find"),
    path("pesanan/<slug:number>/<slug:token>/", views.detail, name="detail"),
    path("pesanan/<slug:number>/<slug:token>/bukti/", views.receipt, name="receipt"),
    path("pesanan/<slug:number>/<slug:token>/bukti.pdf", views.receipt_file, name="receipt-file"),
    path("pesanan/<slug:number>/<slug:token>/batal/", views.cancel, name="cancel"),
    path("pesanan/<slug:number>/<slug:token>/<int:pk>/diterima/", views.received, name="received"),
]
