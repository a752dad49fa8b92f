"""What the public pages show, read in as few queries as there are things."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import models
from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from marketplace.catalogue.images import picture_address, rendition_addresses
from marketplace.catalogue.models import Product, ProductImage, ProductListing, Variant
from marketplace.catalogue.shown import visible_listings_of
from marketplace.core import prepared
from marketplace.core.everyday import hours_words, seller_words
from marketplace.core.money import format_rupiah
from marketplace.core.pagecache import CATALOGUE, remember
from marketplace.shipping.models import ShippingRate
from search.places import CategoryNode, CategoryTree, category_tree
from search.services import cards

# More radio buttons than this become a list to choose from.
MOST_RADIOS = 12


# --- product -----------------------------------------------------------------------------------------------------
def visible_product(slug: str) -> Product:
    """The product at this address with its shop, place and category. Raises Product.DoesNotExist when not on sale."""
    found = prepared.read("product", _visible_product, slug)
    if not found:
        raise Product.DoesNotExist(slug)
    return found[0]


def _visible_product(slug: str) -> models.QuerySet[Product]:
    products = Product.objects.visible_products().filter(slug=slug).order_by()
    return products.select_related("vendor__village__parent", "vendor__agency", "vendor__avatar", "category", "listing")


@dataclass(frozen=True)
class Picture:
    """A picture of a product, as the gallery takes it."""

    large_url: str
    small_url: str
    alt: str


def pictures_of(product: Product) -> tuple[list[Picture], str]:
    """The pictures of a product in its vendor's order and the address of the shop's avatar; two queries."""
    rows = prepared.read("product-images", _images_of, product.pk)
    avatar = product.vendor.avatar
    made = rendition_addresses([row.image_id for row in rows] + ([avatar.pk] if avatar else []))
    for row in rows:
        row.product = product
    pictures = [
        Picture(picture_address(row.image, 960, made), picture_address(row.image, 240, made), row.display_alt)
        for row in rows
    ]
    return pictures, picture_address(avatar, 240, made) if avatar else ""


def _images_of(product_id: int) -> models.QuerySet[ProductImage]:
    images = ProductImage.objects.filter(product_id=product_id)
    return images.select_related("image").order_by("sort_order", "pk")


@dataclass(frozen=True)
class Choice:
    """A variant as the buy box takes it."""

    value: int
    label: str
    price: int
    available: int | None = None
    is_checked: bool = False

    @property
    def is_sold_out(self) -> bool:
        """Whether none is left; unknown stock counts as there."""
        return self.available == 0


@dataclass(frozen=True)
class BuyBox:
    """What may be bought of a product. Without stock it is the same for everyone and may be kept."""

    legend: str
    choices: list[Choice]
    chosen: Choice | None
    heaviest_grams: int = 0

    @property
    def has_choice(self) -> bool:
        """Whether there is more than one variant to choose from."""
        return len(self.choices) > 1

    @property
    def is_list(self) -> bool:
        """Whether there are too many variants for buttons, so that a list is shown."""
        return len(self.choices) > MOST_RADIOS

    @property
    def is_sold_out(self) -> bool:
        """Whether nothing is left of any variant."""
        return all(choice.is_sold_out for choice in self.choices)

    @property
    def price_from(self) -> int:
        """The lowest price among the variants; 0 when none is on sale."""
        return min((choice.price for choice in self.choices), default=0)

    @property
    def price_to(self) -> int:
        """The highest price among the variants; 0 when none is on sale."""
        return max((choice.price for choice in self.choices), default=0)


def buy_box(product: Product, *, with_stock: bool, chosen_id: int | None = None) -> BuyBox:
    """The variants on sale, in the vendor's order; with stock as it is this moment. One query."""
    variants = prepared.read("variants", partial(_variants_on_sale, with_stock), product.pk, shape=(with_stock,))
    left = {variant.pk: _available(variant) if with_stock else None for variant in variants}
    wanted = next((v.pk for v in variants if v.pk == chosen_id and left[v.pk] != 0), None)
    first = wanted or next((v.pk for v in variants if left[v.pk] != 0), None)
    choices = [
        Choice(v.pk, seller_words(v.label) or product.display_name, v.price, left[v.pk], v.pk == first)
        for v in variants
    ]
    names = dict.fromkeys(option["name"] for variant in variants for option in variant.options)
    return BuyBox(
        legend=", ".join(seller_words(name) for name in names) or _("Choice"),
        choices=choices,
        chosen=next((choice for choice in choices if choice.is_checked), None),
        heaviest_grams=max((variant.weight_grams for variant in variants), default=0),
    )


def _variants_on_sale(with_stock: bool, product_id: int) -> models.QuerySet[Variant]:
    variants = Variant.objects.filter(product_id=product_id, is_active=True).order_by("position", "pk")
    return variants.select_related("stock") if with_stock else variants


def _available(variant: Variant) -> int:
    stock: Any = getattr(variant, "stock", None)
    return stock.available if stock else 0


@dataclass(frozen=True)
class Fact:
    """A way to get the goods: icon, what, what it costs, what to expect."""

    icon_name: str
    title: str
    cost: str
    note: str


def delivery_facts(product: Product, weight_grams: int) -> list[Fact]:
    """How a product reaches its buyer, as far as that is known without an address; one query."""
    vendor = product.vendor
    if product.is_digital:
        return [Fact("download-simple", _("Sent by email"), _("Free"), _("As soon as the payment is in."))]
    facts = []
    cheapest = ShippingRate.objects.filter(up_to_grams__gte=weight_grams).aggregate(lowest=Min("price"))["lowest"]
    if cheapest is not None:
        cost = _("from %(price)s") % {"price": format_rupiah(cheapest)}
        facts.append(Fact("truck", _("By courier"), cost, _("The exact price shows once you give your address.")))
    if vendor.accepts_pickup:
        hours = _("Open %(hours)s.") % {"hours": hours_words(vendor.opening_hours)} if vendor.opening_hours else ""
        place = _("Pickup in %(place)s") % {"place": vendor.village.name}
        facts.append(Fact("storefront", place, _("Free"), hours or _("The shop tells you when it is ready.")))
    if vendor.accepts_cod:
        facts.append(Fact("hand-coins", _("Cash on delivery"), "", _("Pay when it is in your hands.")))
    return facts


def more_from_shop(product: Product, *, limit: int = 4) -> list[ProductListing]:
    """Other things of the same shop, those of the same kind first; one query."""
    values = (product.vendor_id, product.pk, product.category.path)
    return cards(prepared.read("more", partial(_others_of_shop, limit), *values, shape=(limit,)))


def _others_of_shop(limit: int, vendor_id: int, product_id: int, path: str) -> models.QuerySet[ProductListing]:
    same_kind = models.Case(models.When(category_path=path, then=0), default=1)
    sold_out = models.Case(models.When(stock_left=0, then=1), default=0)
    others = ProductListing.objects.visible_listings().filter(vendor_id=vendor_id).exclude(pk=product_id)
    return others.order_by(sold_out, same_kind, "-published_at")[:limit]


# --- shop --------------------------------------------------------------------------------------------------------


CATEGORY_ART = {
    "kuliner": "k-kuliner",
    "kriya": "k-kriya",
    "fesyen": "k-fesyen",
    "seni-desain": "k-seni",
    "buku-musik-pentas": "k-buku",
    "permainan-digital": "k-main",
    "paket-oleh-oleh": "k-paket",
    "perawatan-diri": "k-rawat",
}


def category_counts() -> dict[str, int]:
    """How many products each category shows, those below it included; kept for as long as the catalogue stands."""
    return remember("category-counts", CATALOGUE, _category_counts)


def _category_counts() -> dict[str, int]:
    rows = ProductListing.objects.visible_listings().order_by().values_list("category_path").annotate(count=Count("pk"))
    return totals_below(dict(rows), category_tree())


def totals_below(counts: dict[str, int], tree: CategoryTree) -> dict[str, int]:
    """Counts of leaves added up to every category above them."""
    totals: dict[str, int] = {}
    for path, count in counts.items():
        for node in tree.way_to(path):
            totals[node.path] = totals.get(node.path, 0) + count
    return totals


@dataclass(frozen=True)
class CategoryCard:
    """A category as its tile takes it."""

    name: str
    url: str
    art: str
    count: int
    below: tuple["CategoryCard", ...] = ()


def category_cards(*, with_below: bool = False) -> list[CategoryCard]:
    """The top categories with how much there is in each; kept per language for as long as the catalogue stands."""
    name = f"category-cards:{get_language()}:{with_below}"
    return remember(name, CATALOGUE, lambda: _category_cards(with_below), seconds=300)


def _category_cards(with_below: bool) -> list[CategoryCard]:
    tree, counts = category_tree(), category_counts()

    def _card(node: CategoryNode, below: tuple[CategoryCard, ...] = ()) -> CategoryCard:
        url = reverse("storefront:category", kwargs={"path": node.path})
        art = CATEGORY_ART.get(node.path.partition("/")[0], "t-bunga")
        return CategoryCard(node.label, url, art, counts.get(node.path, 0), below)

    return [
        _card(root, tuple(_card(child) for child in tree.children_of(root.path)) if with_below else ())
        for root in tree.children_of("")
    ]


def site_totals() -> tuple[int, int]:
    """How many products of how many shops are on sale; kept for as long as the catalogue stands."""
    return remember("site-totals", CATALOGUE, _site_totals)


def _site_totals() -> tuple[int, int]:
    numbers = ProductListing.objects.visible_listings().aggregate(
        products=Count("pk"), shops=Count("vendor_id", distinct=True)
    )
    return numbers["products"], numbers["shops"]


def newest_listings(*, limit: int, scope: str = "") -> list[ProductListing]:
    """What came through moderation last, as far as it can be bought; one query."""
    order = ("-published_at", "-pk")
    return cards(prepared.read("newest", partial(_first_in_stock, order, limit, scope), shape=(limit, scope)))


def popular_listings(*, limit: int, scope: str = "") -> list[ProductListing]:
    """What is bought most often, as far as it can be bought; one query."""
    order = ("-sold_count", "-published_at", "-pk")
    return cards(prepared.read("popular", partial(_first_in_stock, order, limit, scope), shape=(limit, scope)))


def _first_in_stock(order: tuple[str, ...], limit: int, scope: str) -> models.QuerySet[ProductListing]:
    listings = ProductListing.objects.visible_listings().filter(stock_left__gt=0)
    if scope:
        listings = listings.in_category(scope)
    return listings.order_by(*order)[:limit]


def varied_listings(*, limit: int) -> list[ProductListing]:
    """Popular things with a picture, each of another top category as long as there are others.

    Which they are is kept for as long as the catalogue stands; the cards are read anew. One query.
    """
    return listings_by_id(remember(f"varied:{limit}", CATALOGUE, lambda: _varied_ids(limit)))


def _varied_ids(limit: int) -> list[int]:
    candidates = list(
        ProductListing.objects.visible_listings()
        .filter(stock_left__gt=0)
        .exclude(picture_480="")
        .order_by("-sold_count", "-published_at", "-pk")
        .values_list("pk", "category_path")[: limit * 10]
    )
    first_of: dict[str, int] = {}
    for pk, path in candidates:
        first_of.setdefault(path.partition("/")[0], pk)
    rest = (pk for pk, _path in candidates if pk not in first_of.values())
    return [*first_of.values(), *rest][:limit]


def pictures_by_category(paths: list[str]) -> dict[str, str]:
    """A picture of something popular in each of these categories; kept for as long as the catalogue stands."""
    wanted = sorted(set(paths))
    if not wanted:
        return {}
    return remember(f"category-pictures:{':'.join(wanted)}"[:200], CATALOGUE, lambda: _pictures_by_category(wanted))


def _pictures_by_category(paths: list[str]) -> dict[str, str]:
    found = {}
    for path in paths:
        listings = ProductListing.objects.visible_listings().in_category(path).exclude(picture_480="")
        picture = listings.order_by("-sold_count", "pk").values_list("picture_480", flat=True).first()
        if picture:
            found[path] = picture
    return found


def listings_by_id(ids: list[int]) -> list[ProductListing]:
    """The visible ones of these products as cards, in the given order; one query."""
    found = {listing.pk: listing for listing in visible_listings_of(ids)}
    return cards(found[product_id] for product_id in ids if product_id in found)
