"""Addresses under /bayar/ that lead to the payment page and back."""

from django.urls import path

from marketplace.payments import views

app_name = "payments"
urlpatterns = [
    path("selesai/", views.payment_return, name="return"),
    path("batal/<str:number>/<str:token>/", views.payment_cancelled, name="cancelled"),
    path("lagi/<str:number>/<str:token>/", views.pay, name="pay"),
]
