"""Addresses below /akun/; signing in and second factors are allauth's, beside these."""

from django.urls import path

from marketplace.accounts import views

app_name = "accounts"

urlpatterns = [
    path("", views.home, name="home"),
    path("profil/", views.profile, name="profile"),
]
