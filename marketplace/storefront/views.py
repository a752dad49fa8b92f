"""The public pages: categories, product, shops. They put together what selectors read; no rule is made here."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from marketplace.catalogue.models import Product
from marketplace.core.pagecache import CATALOGUE, CONTENT, cached_page
from marketplace.storefront import selectors, sellers, structured
from search import pages
from search.places import category_tree, regencies
from search.queries import SearchQuery, parse
from search.services import search_products
from umkm.registration.selectors import public_badges
from umkm.vendors.models import Vendor

SHOPS_PER_PAGE = 24


@require_safe
@cached_page(CATALOGUE, CONTENT)
def categories(request: HttpRequest) -> HttpResponse:
    """Every category with how much there is in it."""
    context = {
        "cards": selectors.category_cards(with_below=True),
        "breadcrumbs": [_home(), {"label": _("Categories"), "url": ""}],
        "canonical": request.build_absolute_uri(request.path),
    }
    return render(request, "storefront/categories.html", context)


@require_safe
@cached_page(CATALOGUE, CONTENT)
def category(request: HttpRequest, path: str) -> HttpResponse:
    """What there is in a category and below it, with filters."""
    tree = category_tree()
    node = tree.get(path)
    if node is None:
        raise Http404("no such category")
    query = parse(request.GET, scope=path)
    way = [
        {"label": one.label, "url": reverse("storefront:category", kwargs={"path": one.path})}
        for one in tree.way_to(path)
    ]
    way[-1]["url"] = ""
    breadcrumbs = [_home(), *way]
    context = pages.list_context(request, query) | {
        "node": node,
        "children": [
            {"label": child.label, "url": reverse("storefront:category", kwargs={"path": child.path})}
            for child in tree.children_of(path)
        ],
        "breadcrumbs": breadcrumbs,
        "structured": structured.json_ld(structured.way_data(request, breadcrumbs)),
    }
    return render(request, "storefront/category.html", context)


@require_safe
@cached_page(CATALOGUE, CONTENT)
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """A product: pictures, text, ways to get it, who makes it. What is left in stock arrives with the buy form."""
    thing = _product_or_404(slug)
    pictures, avatar_url = selectors.pictures_of(thing)
    box = selectors.buy_box(thing, with_stock=False)
    weight = box.heaviest_grams
    breadcrumbs = _way_to(thing.category.path)
    context: dict[str, Any] = {
        "product": thing,
        "listing": thing.listing,
        "pictures": pictures,
        "box": box,
        "weight_grams": weight,
        "facts": selectors.delivery_facts(thing, weight),
        "seller": sellers.seller_card(thing.vendor, avatar_url),
        "more": selectors.more_from_shop(thing),
        "breadcrumbs": breadcrumbs,
        "buy_url": reverse("storefront:buy", kwargs={"slug": slug}),
        "canonical": request.build_absolute_uri(thing.get_absolute_url()),
        "share_picture": request.build_absolute_uri(pictures[0].large_url) if pictures else "",
        "structured": [
            structured.json_ld(structured.product_data(request, thing, pictures, box)),
            structured.json_ld(structured.way_data(request, [*breadcrumbs, {"label": thing.display_name, "url": ""}])),
        ],
    }
    return render(request, "storefront/product.html", context)


@require_safe
@never_cache
def buy(request: HttpRequest, slug: str) -> HttpResponse:
    """The buy form with the stock of this moment and this visitor's own token: a part of the product page with script,
    a page of its own without. Never kept, so that the product page itself can be."""
    thing = _product_or_404(slug)
    chosen = request.GET.get("v", "")
    chosen_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else None
    box = selectors.buy_box(thing, with_stock=True, chosen_id=chosen_id)
    context = {"product": thing, "box": box, "listing": thing.listing, "most": _most(box)}
    is_part = bool(request.headers.get("HX-Request"))
    if not is_part:
        pictures, _avatar = selectors.pictures_of(thing)
        context |= {"picture": pictures[0] if pictures else None}
    return render(request, "storefront/_buy_form.html" if is_part else "storefront/buy.html", context)


def _most(box: selectors.BuyBox) -> int:
    """The most pieces that any choice has left; the basket knows the rest."""
    return min(max((choice.available or 0 for choice in box.choices), default=0), 99)


@require_safe
@cached_page(CATALOGUE, CONTENT)
def shops(request: HttpRequest) -> HttpResponse:
    """All shops that have something on sale."""
    chosen = request.GET.get("wilayah", "")
    places = regencies()
    if chosen not in {place.code for place in places}:
        chosen = ""
    paginator = Paginator(sellers.open_shops(regency_code=chosen), SHOPS_PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    here = reverse("storefront:shops")
    context = {
        **pages.pages_around(here, SearchQuery(regions=(chosen,) if chosen else ()), page),
        "cards": sellers.shop_cards(list(page.object_list)),
        "total": paginator.count,
        "places": [
            {
                "label": place.name,
                "url": here if place.code == chosen else f"{here}?wilayah={place.code}",
                "is_chosen": place.code == chosen,
            }
            for place in places
        ],
        "breadcrumbs": [_home(), {"label": _("Shops"), "url": ""}],
        "canonical": request.build_absolute_uri(here),
        "is_noindex": bool(chosen),
        "action": here,
    }
    return render(request, "storefront/shops.html", context)


@require_safe
@cached_page(CATALOGUE, CONTENT)
def shop(request: HttpRequest, slug: str) -> HttpResponse:
    """A shop: who they are, which papers were checked, what they sell."""
    try:
        vendor = sellers.open_shop(slug)
    except Vendor.DoesNotExist as missing:
        raise Http404("no such shop") from missing
    query = parse(request.GET)
    result = search_products(sellers.shop_query(vendor, query), with_facets=False)
    pictures = sellers.shop_pictures(vendor)
    papers = sellers.papers_of(public_badges([vendor.pk])[vendor.pk])
    breadcrumbs = [
        _home(),
        {"label": _("Shops"), "url": reverse("storefront:shops")},
        {"label": vendor.name, "url": ""},
    ]
    context = {
        "vendor": vendor,
        "cover_url": pictures.cover_url,
        "avatar_url": pictures.avatar_url,
        "place": sellers.place_of(vendor),
        "papers": papers,
        "result": result,
        **pages.pages_around(request.path, query, pages.page_of(result)),
        "sorts": pages.sort_choices(query),
        "action": request.path,
        "breadcrumbs": breadcrumbs,
        "canonical": request.build_absolute_uri(request.path),
        "is_noindex": query.page > 1 and not result.listings,
        "share_picture": request.build_absolute_uri(pictures.cover_url or pictures.avatar_url)
        if pictures.cover_url or pictures.avatar_url
        else "",
        "structured": [
            structured.json_ld(structured.shop_data(request, vendor, pictures.avatar_url)),
            structured.json_ld(structured.way_data(request, breadcrumbs)),
        ],
    }
    return render(request, "storefront/shop.html", context)


def _product_or_404(slug: str) -> Product:
    try:
        return selectors.visible_product(slug)
    except Product.DoesNotExist as missing:
        raise Http404("no such product on sale") from missing


def _home() -> dict[str, str]:
    return {"label": _("Home"), "url": reverse("wagtail_serve", args=[""])}


def _way_to(path: str) -> list[dict[str, str]]:
    return [
        {"label": node.label, "url": reverse("storefront:category", kwargs={"path": node.path})}
        for node in category_tree().way_to(path)
    ]
