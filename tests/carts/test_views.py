"""The basket's pages: with and without script, for visitors and for people who are signed in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.carts.models import Cart, CartLine
from marketplace.carts.visitor import COOKIE
from tests.factories.orders import make_shop, make_variant

pytestmark = pytest.mark.django_db
DETAIL, BADGE, ADD = "/keranjang/", "/keranjang/isi/", "/keranjang/tambah/"


def own_queries(queries) -> list[str]:
    """Without what the frame of every page asks: the page cache's version, the editors' settings."""
    frame = ("core_pageversion", "cms_", "wagtailcore_")
    return [query["sql"] for query in queries if not any(table in query["sql"] for table in frame)]


def put_in(client, variant, quantity=1, **headers):
    return client.post(ADD, {"variant": variant.pk, "quantity": quantity}, headers=headers)


def test_looking_makes_no_basket_and_touches_no_session(client):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(BADGE).status_code == 200
    assert own_queries(queries) == []
    response = client.get(DETAIL)
    assert response.status_code == 200
    assert not Cart.objects.exists()
    assert COOKIE not in response.cookies
    assert "sessionid" not in response.cookies


def test_a_visitor_fills_a_basket(client, scene):
    response = put_in(client, scene.variant, 2)
    assert response.status_code == 302
    assert response["Location"] == DETAIL
    cookie = response.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    page = client.get(DETAIL).content.decode()
    assert scene.product.name in page
    assert "Rp30.000" in page
    assert client.get(BADGE).content.decode().count(">2<") == 1


def test_script_gets_a_toast_and_a_new_count(client, scene):
    response = put_in(client, scene.variant, hx_request="true")
    assert response.status_code == 204
    assert "basket-changed" in response["HX-Trigger"]
    assert DETAIL in response["HX-Trigger"]
    put_in(client, scene.variant, 400)
    refused = put_in(client, scene.variant, 0, hx_request="true")
    assert refused.status_code == 204
    assert '"level": "error"' in refused["HX-Trigger"]


@pytest.mark.parametrize("quantity", ["abc", "-1", "1; DROP TABLE carts_cartline", "9" * 30, "<b>2</b>", "٣"])
def test_nonsense_as_a_number_is_refused_in_words(client, scene, quantity):
    response = client.post(ADD, {"variant": scene.variant.pk, "quantity": quantity}, follow=True)
    assert response.status_code == 200
    assert "999" in response.content.decode()
    assert not CartLine.objects.exists()


@pytest.mark.parametrize("variant", ["", "x", "999999", "1 OR 1=1"])
def test_something_that_is_not_sold_is_refused_in_words(client, scene, variant):
    response = client.post(ADD, {"variant": variant, "quantity": 1}, follow=True)
    assert response.status_code == 200
    assert not Cart.objects.exists()


def test_names_with_html_are_shown_as_text(client, db):
    variant = make_variant(make_shop("Toko <script>alert(1)</script>", slug="toko-x"), "<img src=x>")
    variant.product.slug = "img"
    variant.product.save(update_fields=["slug"])
    put_in(client, variant)
    page = client.get(DETAIL).content.decode()
    assert "&lt;img src=x&gt;" in page
    assert "<img src=x>" not in page
    assert "<script>alert" not in page


def test_a_line_is_changed_removed_and_put_back(client, scene):
    put_in(client, scene.variant)
    line = CartLine.objects.get()
    assert client.post(reverse("carts:update", args=[line.pk]), {"quantity": 3}).status_code == 302
    assert ">3<" in client.get(BADGE).content.decode()
    client.post(reverse("carts:remove", args=[line.pk]))
    page = client.get(DETAIL).content.decode()
    assert reverse("carts:restore", args=[line.pk]) in page
    client.post(reverse("carts:restore", args=[line.pk]))
    assert ">3<" in client.get(BADGE).content.decode()


def test_a_line_that_sold_out_says_so_and_the_rest_can_be_ordered(client, scene):
    put_in(client, scene.variant)
    put_in(client, scene.other_variant)
    scene.variant.stock.on_hand = 0
    scene.variant.stock.save()
    page = client.get(DETAIL)
    (line,) = page.context["contents"].problems
    assert line.problem_text in page.content.decode()
    assert page.context["contents"].items_total == scene.other_variant.price
    assert reverse("checkout:start") in page.content.decode()


def test_somebody_elses_line_does_not_exist(client, scene, buyer_client):
    put_in(buyer_client, scene.variant)
    line = CartLine.objects.get()
    put_in(client, scene.other_variant)
    for name in ("carts:update", "carts:remove", "carts:restore"):
        assert client.post(reverse(name, args=[line.pk]), {"quantity": 5}).status_code == 404
    line.refresh_from_db()
    assert (line.quantity, line.removed_at) == (1, None)


def test_signing_in_takes_the_basket_along_and_drops_the_cookie(client, scene):
    put_in(client, scene.variant, 2)
    client.force_login(scene.buyer, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.get(BADGE)
    assert ">2<" in response.content.decode()
    assert response.cookies[COOKIE].value == ""
    assert Cart.objects.get().user == scene.buyer


def test_changes_are_posts_only(client, scene):
    assert client.get(ADD).status_code == 405
    assert client.get(reverse("carts:remove", args=[1])).status_code == 405


def test_adding_costs_few_queries(client, buyer_client, scene, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        put_in(client, scene.variant)
    with django_assert_max_num_queries(10):
        put_in(client, scene.other_variant)
    with django_assert_max_num_queries(10):
        put_in(buyer_client, scene.variant)


def test_the_basket_costs_the_same_however_much_is_in_it(client, db):
    first = make_shop("Toko 0")
    put_in(client, make_variant(first, "Barang 0"))
    client.get(DETAIL)
    with CaptureQueriesContext(connection) as queries:
        client.get(DETAIL)
    assert len(own_queries(queries)) == 2, own_queries(queries)
    for number in range(1, 6):
        put_in(client, make_variant(make_shop(f"Toko {number}"), f"Barang {number}"))
    client.get(DETAIL)
    with CaptureQueriesContext(connection) as queries:
        client.get(DETAIL)
    assert len(own_queries(queries)) == 2, own_queries(queries)


def test_adding_is_throttled(client, scene, settings):
    settings.RATELIMIT_ENABLE = True
    settings.THROTTLE_RATES = {"cart-add": "2/m"}
    answers = [put_in(client, scene.variant).status_code for _try in range(4)]
    assert answers == [302, 302, 429, 429]
    assert client.get(DETAIL).status_code == 200
