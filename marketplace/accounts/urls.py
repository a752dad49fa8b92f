"""Addresses below /akun/; signing in and second factors are allauth's, beside these."""

from django.urls import path

from marketplace.accounts import privacy_views, views

app_name = "accounts"

urlpatterns = [
    path("", views.home, name="home"),
    path("profil/", views.profile, name="profile"),
    path("privasi/", privacy_views.overview, name="privacy"),
    path("privasi/unduh/", privacy_views.download, name="privacy-download"),
    path("privasi/hapus/", privacy_views.erase, name="privacy-erase"),
]
