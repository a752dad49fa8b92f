"""Questions about shops: their cards, papers and pictures, and the seller beside a product."""

from dataclasses import dataclass, field

from django.db import models
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.catalogue.images import picture_address, rendition_addresses
from marketplace.catalogue.querysets import is_visible
from marketplace.core.dates import format_local_date
from search.queries import SearchQuery
from umkm.registration.selectors import PublicBadge, public_badges
from umkm.vendors.models import Vendor

# More radio buttons than this become a list to choose from.


@dataclass(frozen=True)
class Paper:
    """A permit as a badge with its date."""

    label: str
    kind: str
    note: str


def papers_of(badges: list[PublicBadge]) -> list[Paper]:
    """The permits of a shop with who looked at them and until when they hold; one that ran out is no badge any more."""
    papers = []
    for badge in badges:
        if not badge.is_valid:
            continue
        if badge.valid_until:
            note = _("Valid until %(day)s") % {"day": format_local_date(badge.valid_until)}
        else:
            note = _("Checked on %(day)s") % {"day": format_local_date(badge.checked_on)}
        papers.append(Paper(badge.label, "office" if badge.kind_slug == "nib" else "permit", note))
    return papers


@dataclass(frozen=True)
class SellerCard:
    """A shop as the seller card takes it."""

    name: str
    url: str
    picture_url: str
    place: str
    since: int | None
    story: str
    papers: list[Paper] = field(default_factory=list)
    checked_by: str = ""
    ask_url: str = ""
    proof_url: str = ""


def seller_card(vendor: Vendor, picture_url: str) -> SellerCard:
    """The shop behind a product; one query."""
    badges = public_badges([vendor.pk])[vendor.pk]
    papers = papers_of(badges)
    return SellerCard(
        name=vendor.name,
        url=reverse("storefront:shop", kwargs={"slug": vendor.slug}),
        picture_url=picture_url,
        place=place_of(vendor),
        since=vendor.founded_year,
        story=first_sentences(vendor.display_story),
        papers=papers,
        checked_by=vendor.agency.short_name if papers else "",
        proof_url=reverse("storefront:shop", kwargs={"slug": vendor.slug}) + "#izin" if papers else "",
    )


def place_of(vendor: Vendor) -> str:
    """`Purwantoro, Blimbing`: the village and district of a shop."""
    village = vendor.village
    return (
        f"{village.name}, {village.parent.name}"
        if village.parent and village.parent.name != village.name
        else village.name
    )


def first_sentences(text: str, *, limit: int = 220) -> str:
    """The beginning of a text, cut at the end of a sentence where there is one."""
    if len(text) <= limit:
        return text
    cut = text[:limit]
    stop = cut.rfind(". ")
    return cut[: stop + 1] if stop > limit // 3 else cut.rsplit(" ", 1)[0] + "…"


def open_shop(slug: str) -> Vendor:
    """The shop at this address. Raises Vendor.DoesNotExist while it is closed or suspended."""
    return (
        Vendor.objects.open()
        .select_related("village__parent__parent", "agency", "avatar", "cover", "subsector")
        .get(slug=slug)
    )


@dataclass(frozen=True)
class ShopPictures:
    """The pictures at the head of a shop's page; empty where it has none."""

    cover_url: str = ""
    avatar_url: str = ""


def shop_pictures(vendor: Vendor) -> ShopPictures:
    """Cover and avatar of a shop; one query."""
    made = rendition_addresses(image.pk for image in (vendor.cover, vendor.avatar) if image)
    return ShopPictures(
        picture_address(vendor.cover, 960, made) if vendor.cover else "",
        picture_address(vendor.avatar, 240, made) if vendor.avatar else "",
    )


def shop_query(vendor: Vendor, query: SearchQuery) -> SearchQuery:
    """What a shop sells, in the order and on the page that was asked for."""
    return SearchQuery(vendor_id=vendor.pk, sort=query.sort, page=query.page)


@dataclass(frozen=True)
class ShopCard:
    """A shop in the list of shops."""

    name: str
    url: str
    place: str
    picture_url: str
    story: str
    count: int


def open_shops(*, regency_code: str = "") -> models.QuerySet[Vendor]:
    """Shops that have something on sale, by name, each with `product_count`."""
    on_sale = Count("listings", filter=is_visible("listings__product__"), distinct=True)
    shops = Vendor.objects.open().annotate(product_count=on_sale).filter(product_count__gt=0)
    if regency_code:
        shops = shops.filter(village__code__startswith=f"{regency_code}.")
    return shops.select_related("village__parent", "avatar").order_by("name", "pk")


def shop_cards(vendors: list[Vendor]) -> list[ShopCard]:
    """Shops of open_shops() as cards; one query for all pictures."""
    made = rendition_addresses(vendor.avatar_id for vendor in vendors if vendor.avatar_id)
    return [
        ShopCard(
            name=vendor.name,
            url=reverse("storefront:shop", kwargs={"slug": vendor.slug}),
            place=place_of(vendor),
            picture_url=picture_address(vendor.avatar, 240, made) if vendor.avatar else "",
            story=first_sentences(vendor.display_story, limit=110),
            count=vendor.product_count,  # type: ignore[attr-defined]
        )
        for vendor in vendors
    ]


# --- categories --------------------------------------------------------------------------------------------------


def chosen_shop_cards(*, ids: list[int], limit: int) -> list[ShopCard]:
    """These shops as far as they are open and sell something, in this order; the newest where none is named."""
    shops = open_shops()
    if not ids:
        return shop_cards(list(shops.order_by("-opened_at", "-pk")[:limit]))
    found = {vendor.pk: vendor for vendor in shops.filter(pk__in=ids)}
    return shop_cards([found[vendor_id] for vendor_id in ids if vendor_id in found][:limit])
