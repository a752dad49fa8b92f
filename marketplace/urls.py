"""The composition root: the only place that knows every slice."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("i18n/", include("django.conf.urls.i18n")),
]

if settings.DEBUG:
    urlpatterns += static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)

# Indonesian at the root, English under /en/ with the same paths.
urlpatterns += i18n_patterns(
    path("akun/", include("allauth.urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
