"""Pages that are kept for everyone who is not signed in: never stale, never somebody else's."""

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from marketplace.catalogue.listings import refresh_listings, set_listing_stock
from marketplace.catalogue.models import ProductListing, Variant
from marketplace.core import pagecache
from marketplace.core.models import PageVersion
from tests.factories.shelf import put_on_sale
from umkm.vendors.services import suspend_vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def product(scene):
    return put_on_sale(scene.vendor, "Stik Tempe Keju", prices=(17_000,))


ADDRESSES = [
    "/produk/stik-tempe-keju/",
    "/toko/keripik-bu-sri/",
    "/kategori/kuliner/",
    "/cari/?q=stik",
    "/toko/",
    "/kategori/",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_visitor_gets_no_cookie_and_no_token(client, product, address):
    response = client.get(address)
    assert response.status_code == 200
    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.content.decode()
    assert response.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "X-Frame-Options" in response.headers
    assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_second_visitor_costs_one_query(client, product, address, django_assert_num_queries):
    first = client.get(address)
    with django_assert_num_queries(1):
        second = client.get(address)
    assert second.content == first.content
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


def test_who_has_the_page_already_is_told_so(client, product):
    etag = client.get("/produk/stik-tempe-keju/").headers["ETag"]
    again = client.get("/produk/stik-tempe-keju/", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("address", ADDRESSES[:4])
def test_a_new_price_is_seen_at_once(client, product, address):
    assert "Rp17.000" in client.get(address).content.decode()
    with transaction.atomic():
        Variant.objects.filter(product=product).update(price=19_500)
        refresh_listings(product_ids=[product.pk])
    page = client.get(address).content.decode()
    assert "Rp19.500" in page
    assert "Rp17.000" not in page


@pytest.mark.parametrize("address", ADDRESSES[1:4])
def test_sold_out_is_seen_at_once(client, product, address):
    assert "product-card--sold-out" not in client.get(address).content.decode()
    set_listing_stock(product_id=product.pk, stock_left=0)
    assert "product-card--sold-out" in client.get(address).content.decode()


def test_stock_that_no_card_tells_keeps_the_page(client, product):
    version = pagecache.versions()
    set_listing_stock(product_id=product.pk, stock_left=18)
    assert pagecache.versions() == version
    assert ProductListing.objects.get(pk=product.pk).stock_left == 18
    set_listing_stock(product_id=product.pk, stock_left=4)
    assert pagecache.versions() != version


def test_a_suspended_shop_is_gone_at_once(client, scene, product):
    addresses = ["/produk/stik-tempe-keju/", "/toko/keripik-bu-sri/"]
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    suspend_vendor(vendor_id=scene.vendor.pk, actor=scene.officer, reason="Izin palsu")
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    assert "Stik Tempe Keju" not in client.get("/kategori/kuliner/").content.decode()


def test_a_change_that_is_rolled_back_changes_nothing(client, product):
    before = client.get("/produk/stik-tempe-keju/").headers["ETag"]

    with transaction.atomic():
        Variant.objects.filter(product=product).update(price=1)
        refresh_listings(product_ids=[product.pk])
        transaction.set_rollback(True)
    assert client.get("/produk/stik-tempe-keju/").headers["ETag"] == before


def test_languages_queries_and_parts_are_kept_apart(client, product):
    indonesian = client.get("/cari/?q=stik").content
    assert client.get("/en/cari/?q=stik").content != indonesian
    assert client.get("/cari/?q=keju").content != indonesian
    assert client.get("/cari/?q=stik").content == indonesian


def test_who_is_signed_in_never_shares(client, scene, product):
    shared = client.get("/produk/stik-tempe-keju/")
    scene_client = scene.client("buyer")
    own = scene_client.get("/produk/stik-tempe-keju/")
    assert own.headers["Cache-Control"] == "private, no-cache"
    assert "ETag" not in own.headers
    cache.clear()
    scene_client.get("/produk/stik-tempe-keju/")
    assert client.get("/produk/stik-tempe-keju/").headers["ETag"] == shared.headers["ETag"]


def test_a_message_is_never_kept(client, product):
    client.cookies["messages"] = "x"
    assert "ETag" not in client.get("/produk/stik-tempe-keju/").headers


def test_errors_and_redirects_are_not_kept(client, product):
    assert client.get("/produk/tidak-ada/").status_code == 404
    put_on_sale(product.vendor, "Tidak Ada", slug="tidak-ada")
    assert client.get("/produk/tidak-ada/").status_code == 200


def test_a_head_request_is_answered_without_a_body(client, product):
    response = client.head("/produk/stik-tempe-keju/")
    assert (response.status_code, response.content) == (200, b"")
    assert client.get("/produk/stik-tempe-keju/").content


def test_versions_are_summed_over_their_shards():
    before = pagecache.versions().get("probe", 0)
    for _time in range(3):
        pagecache.bump("probe")
    PageVersion.objects.create(scope="probe", shard=99, version=5)
    assert pagecache.versions()["probe"] == before + 8


def test_what_was_never_committed_is_not_kept():
    """Within a transaction that moved a version nothing is kept: it may be rolled back and its number come again."""
    pagecache.forget_everything()
    with transaction.atomic():
        pagecache.bump("probe")
        assert pagecache.remember("never", "probe", lambda: "uncommitted") == "uncommitted"
        transaction.set_rollback(True)
    assert pagecache.remember("never", "probe", lambda: "true") == "true"


def test_what_is_kept_lasts_as_long_as_its_version():
    built = []

    def build():
        built.append(1)
        return len(built)

    assert [pagecache.remember("probe", "probe", build) for _time in range(3)] == [1, 1, 1]
    pagecache.bump("probe")
    assert pagecache.remember("probe", "probe", build) == 2


@pytest.mark.django_db(transaction=True)
def test_a_page_drawn_while_a_price_changes_is_not_kept_as_the_new_one(client, scene, monkeypatch):
    """The version is read before the page is drawn: what commits in between makes the entry stale."""
    from marketplace.storefront import views

    product = put_on_sale(scene.vendor, "Stik Tempe Keju", prices=(17_000,))
    real = views.selectors.buy_box

    def change_after_reading(*args, **kwargs):
        box = real(*args, **kwargs)
        if not changed:
            changed.append(1)
            Variant.objects.filter(product=product).update(price=21_000)
            refresh_listings(product_ids=[product.pk])
        return box

    changed: list[int] = []
    monkeypatch.setattr(views.selectors, "buy_box", change_after_reading)
    client.get("/produk/stik-tempe-keju/")
    assert "Rp21.000" in client.get("/produk/stik-tempe-keju/").content.decode()
    assert connection.in_atomic_block is False
