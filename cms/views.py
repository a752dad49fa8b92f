"""What the content tools serve besides pages."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cms.colours import theme_css
from cms.models import SiteIdentity


@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def theme(request: HttpRequest) -> HttpResponse:
    """The site's own accent as a stylesheet; its address changes with the colour."""
    identity = SiteIdentity.current()
    return HttpResponse(theme_css(identity.accent, identity.accent_dark), content_type="text/css; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=86_400)
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read."""
    closed = ("/admin/", "/akun/", "/keranjang/", "/bayar/", "/pesanan/", "/portal/", "/daftar-umkm/", "/cari/saran/")
    lines = ["User-agent: *"]
    for prefix in ("", "/en"):
        lines += [f"Disallow: {prefix}{path}" for path in closed if not (prefix and path == "/admin/")]
        lines.append(f"Disallow: {prefix}/produk/*/beli/")
    lines += ["", f"Sitemap: {request.build_absolute_uri('/sitemap.xml')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
