"""What is sold: products with their pictures, variants with their prices, and the prepared rows that lists show."""

from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.images import get_image_model_string
from wagtail.models import DraftStateMixin, LockableMixin, Orderable, RevisionMixin, WorkflowMixin

from marketplace.catalogue.querysets import ListingQuerySet, ProductQuerySet
from marketplace.reference.models import Category
from umkm.vendors.models import Vendor


def _in_active_language(indonesian: str, english: str) -> str:
    return english if english and (get_language() or "").startswith("en") else indonesian


@lru_cache(maxsize=16_384)
def _address(slug: str, language: str | None) -> str:
    """Where a product is shown. Kept: a list asks for two dozen, and reverse() takes long."""
    return reverse("storefront:product", kwargs={"slug": slug})


class Product(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, ClusterableModel):
    """What a vendor offers. Revisioned and moderated by Wagtail's workflow.

    Price and stock are not here: publishing a revision restores every revisioned field, and would undo sales.
    """

    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="products", verbose_name=_("business"))
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    name = models.CharField(_("product name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    description = models.TextField(_("description"), blank=True)
    description_en = models.TextField(_("English description"), blank=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="products", verbose_name=_("category"))
    tags = models.CharField(_("keywords"), max_length=255, blank=True)
    shelf_life_days = models.PositiveSmallIntegerField(_("keeps for (days)"), null=True, blank=True)
    is_digital = models.BooleanField(_("nothing to ship"), default=False)
    archived_at = models.DateTimeField(_("taken off sale"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["vendor", "live"], name="product_vendor_live"),
            # Everything that says whether a product on sale may be seen, so that lists need not read the products.
            models.Index(
                fields=["id", "vendor", "category", "is_digital"],
                condition=Q(live=True, archived_at=None),
                name="product_on_sale",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return _address(self.slug, get_language())

    @property
    def display_name(self) -> str:
        """The name in the active language."""
        return _in_active_language(self.name, self.name_en)

    @property
    def display_description(self) -> str:
        """The description in the active language."""
        return _in_active_language(self.description, self.description_en)

    def with_content_json(self, content: dict[str, Any]) -> "Product":
        """A revision as an object; what belongs to the product and not to its text is never taken from a revision."""
        restored = super().with_content_json(content)
        for field in ("vendor_id", "slug", "archived_at", "created_at", "live_revision_id", "last_published_at"):
            setattr(restored, field, getattr(self, field))
        return restored


class ProductImage(Orderable):
    """A picture of a product, in the order in which the vendor put them. Part of the product's revisions."""

    product = ParentalKey(Product, on_delete=models.CASCADE, related_name="images", verbose_name=_("product"))
    image = models.ForeignKey(get_image_model_string(), models.PROTECT, related_name="+", verbose_name=_("picture"))
    alt = models.CharField(_("what the picture shows"), max_length=200, blank=True)
    alt_en = models.CharField(_("what the picture shows, in English"), max_length=200, blank=True)

    class Meta(Orderable.Meta):
        verbose_name = _("product picture")
        verbose_name_plural = _("product pictures")

    def __str__(self) -> str:
        return self.display_alt

    @property
    def display_alt(self) -> str:
        """The alternative text in the active language; the product's name where there is none."""
        return _in_active_language(self.alt, self.alt_en) or self.product.display_name


class Variant(models.Model):
    """What is really bought: a product in one of its forms. Price here, stock in `inventory`."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants", verbose_name=_("product"))
    sku = models.CharField(_("stock-keeping code"), max_length=40, blank=True)
    # [{"name": "Ukuran", "value": "L"}, {"name": "Warna", "value": "Nila"}]; empty for the only form of a product.
    options = models.JSONField(_("options"), default=list, blank=True)
    label = models.CharField(_("label"), max_length=120, blank=True)
    price = models.BigIntegerField(_("price (Rp)"))
    weight_grams = models.PositiveIntegerField(_("weight (grams)"), default=0)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("on sale"), default=True)
    # A form that was added to a product on sale has a new, unread text: it goes on sale when the moderators pass it.
    awaits_review = models.BooleanField(_("goes on sale after the review"), default=False)
    # What stands in place of such a new form stays on sale until then.
    goes_at_review = models.BooleanField(_("goes off sale after the review"), default=False)
    # No longer offered; kept because carts and orders know it.
    is_retired = models.BooleanField(_("no longer offered"), default=False)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gt=0), name="variant_price_positive"),
            models.CheckConstraint(
                condition=~Q(is_active=True, awaits_review=True), name="variant_reviewed_if_on_sale"
            ),
            models.CheckConstraint(condition=~Q(is_active=True, is_retired=True), name="variant_retired_is_off_sale"),
            models.UniqueConstraint(fields=["product", "label"], name="variant_label_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product} · {self.label}" if self.label else str(self.product)


class ProductListing(models.Model):
    """The prepared row of one product: everything that a card, a list and a filter show, without a join to ask.

    Price and visibility change here in the transaction that changes them; pictures may lag a second behind.
    """

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="listing")
    vendor = models.ForeignKey(Vendor, models.CASCADE, related_name="listings")
    slug = models.SlugField(max_length=120)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    vendor_name = models.CharField(max_length=120)
    vendor_slug = models.SlugField(max_length=80)
    category_path = models.CharField(max_length=200, db_index=True)
    subsector_slug = models.SlugField()
    village_code = models.CharField(max_length=13)
    district_code = models.CharField(max_length=8, db_index=True)
    district_name = models.CharField(max_length=120)
    price_min = models.BigIntegerField(default=0)
    price_max = models.BigIntegerField(default=0)
    stock_left = models.PositiveIntegerField(default=0)
    picture_240 = models.CharField(max_length=255, blank=True)
    picture_480 = models.CharField(max_length=255, blank=True)
    picture_alt = models.CharField(max_length=200, blank=True)
    picture_alt_en = models.CharField(max_length=200, blank=True)
    shelf_life_days = models.PositiveSmallIntegerField(null=True)
    allows_cod = models.BooleanField(default=False)
    allows_pickup = models.BooleanField(default=False)
    sold_count = models.PositiveIntegerField(default=0)
    rating_average = models.FloatField(default=0.0)
    rating_count = models.PositiveIntegerField(default=0)
    # The average drawn towards the middle while there are few ratings: what "best rated" orders by.
    rating_score = models.FloatField(default=0.0)
    # Where the shop is, as far as it is known.
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    published_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Counts up in every transaction that changes what search knows of the product.
    search_version = models.BigIntegerField(default=1)

    objects = ListingQuerySet.as_manager()

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        ordering = ["-published_at", "-pk"]
        indexes = [
            models.Index(fields=["-published_at", "-product"], name="listing_newest"),
            models.Index(fields=["-sold_count", "-published_at", "-product"], name="listing_popular"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(price_min__lte=F("price_max")), name="listing_price_range"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return _address(self.slug, get_language())

    @property
    def name_display(self) -> str:
        """The name in the active language."""
        return _in_active_language(self.name, self.name_en)

    @property
    def picture_alt_display(self) -> str:
        """The picture's alternative text in the active language."""
        return _in_active_language(self.picture_alt, self.picture_alt_en)

    @property
    def is_sold_out(self) -> bool:
        return self.stock_left == 0
