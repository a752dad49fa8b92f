"""All public pages for search engines, in both languages."""

from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse
from wagtail.contrib.sitemaps import Sitemap as WagtailSitemap

from marketplace.catalogue.models import ProductListing
from search.places import category_tree
from umkm.vendors.models import Vendor


class _BothLanguages(Sitemap):
    i18n = True
    alternates = True
    x_default = True
    limit = 5000


class ProductSitemap(_BothLanguages):
    """Products on sale."""

    changefreq = "daily"

    def items(self) -> QuerySet[ProductListing]:
        return ProductListing.objects.visible_listings().order_by("pk").only("slug", "published_at")

    def lastmod(self, item: ProductListing) -> datetime:
        return item.published_at


class ShopSitemap(_BothLanguages):
    """Open shops."""

    changefreq = "weekly"

    def items(self) -> QuerySet[Vendor]:
        return Vendor.objects.open().order_by("pk").only("slug")


class CategorySitemap(_BothLanguages):
    """Categories and the lists of everything."""

    changefreq = "daily"

    def items(self) -> list[str]:
        return ["", *(node.path for node in category_tree())]

    def location(self, item: str) -> str:
        return reverse("storefront:category", kwargs={"path": item}) if item else reverse("storefront:categories")


SITEMAPS = {
    "halaman": WagtailSitemap,
    "produk": ProductSitemap,
    "toko": ShopSitemap,
    "kategori": CategorySitemap,
}
