"""Addresses at the root, outside of the languages."""

from django.contrib.sitemaps import views as sitemap_views
from django.urls import path

from cms import views
from cms.sitemaps import SITEMAPS

app_name = "cms"

urlpatterns = [
    path("tema.css", views.theme, name="theme"),
    path("robots.txt", views.robots, name="robots"),
    path(
        "sitemap.xml", sitemap_views.index, {"sitemaps": SITEMAPS, "sitemap_url_name": "cms:sitemap"}, name="sitemaps"
    ),
    path("sitemap-<section>.xml", sitemap_views.sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
]
