"""The composition root: the only place that knows every slice."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from marketplace.core import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    # Everybody signs in at one door, the one that asks for the second factor.
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True), name="admin-login"),
    path("admin/", include(wagtailadmin_urls)),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("cms.urls")),
    path("webhooks/", include("marketplace.payments.urls_webhooks")),
]

if settings.COMPONENTS_PAGE:
    urlpatterns += i18n_patterns(path("_components/", include("marketplace.core.urls")), prefix_default_language=False)

if settings.DEBUG:
    urlpatterns += static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)

# Indonesian at the root, English under /en/ with the same paths.
urlpatterns += i18n_patterns(
    path("daftar-umkm/", include("umkm.registration.urls")),
    path("akun/", include("marketplace.accounts.urls")),
    path("akun/kabar/", include("marketplace.notifications.urls")),
    path("keranjang/", include("marketplace.carts.urls")),
    path("bayar/", include("marketplace.checkout.urls")),
    path("", include("marketplace.orders.urls")),
    path("", include("marketplace.aftersales.urls")),
    path("", include("marketplace.transfers.urls")),
    path("bayar/", include("marketplace.payments.urls")),
    path("akun/", include("allauth.urls")),
    path("cari/hitung/", include("search.insight.urls")),
    path("cari/", include("search.urls")),
    path("", include("marketplace.storefront.urls")),
    path("portal/", include("umkm.portal.urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
