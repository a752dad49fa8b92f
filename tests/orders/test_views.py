"""The buyer's pages: one order by its address, the proof, the account's list, finding a lost link."""

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.orders.selectors import orders_of
from marketplace.orders.services import advance_suborder, confirm_unpaid, expire, mark_paid
from marketplace.orders.tracking import pickup_code
from marketplace.outbox.services import process_due
from tests.factories.orders import make_order, make_shop, make_variant

pytestmark = pytest.mark.django_db
Status = SubOrder.Status


@pytest.fixture
def tempe():
    return make_variant(make_shop("Dapur Tempe", nib="0000000000001"), "Keripik Tempe", stock=50)


@pytest.fixture
def kopi():
    return make_variant(make_shop("Kopi Jendela"), "Kopi Blend", price=52_000, stock=50)


def cash_order(*items, delivery="own_delivery", **fields):
    order = make_order(list(items), method=PaymentMethod.COD, delivery=delivery, **fields)
    confirm_unpaid(order_id=order.pk)
    return order


def text_of(response) -> str:
    return response.content.decode()


def own_queries(queries) -> list[str]:
    """Without what the frame of every page asks."""
    frame = ("core_pageversion", "cms_", "wagtailcore_", "django_session", "accounts_user")
    return [query["sql"] for query in queries if not any(table in query["sql"] for table in frame)]


def test_an_unpaid_order_can_be_paid(client, tempe):
    order = make_order([(tempe, 2)])
    page = text_of(client.get(order.get_absolute_url()))
    assert reverse("payments:pay", args=[order.number, order.token]) in page
    assert "Rp40.000" in page
    assert "Jalan Contoh 12" in page
    assert reverse("orders:cancel", args=[order.number, order.token]) not in page


def test_each_shops_part_has_its_own_steps(client, tempe, kopi):
    order = make_order([(tempe, 1), (kopi, 1)])
    mark_paid(order_id=order.pk)
    first, second = order.suborders.order_by("pk")
    advance_suborder(suborder_id=first.pk, to=Status.PACKED, actor=None)
    advance_suborder(
        suborder_id=first.pk, to=Status.SHIPPED, actor=None, courier="JNE", tracking_number="JNE123", note="Berangkat"
    )
    response = client.get(order.get_absolute_url())
    parcels = {parcel["vendor"].name: parcel for parcel in response.context["parcels"]}
    states = {name: [step.state for step in parcel["steps"]] for name, parcel in parcels.items()}
    assert states == {
        "Dapur Tempe": ["done", "done", "now", "ahead"],
        "Kopi Jendela": ["done", "now", "ahead", "ahead"],
    }
    page = text_of(response)
    assert "JNE123" in page
    assert "Berangkat" in page
    assert reverse("orders:received", args=[order.number, order.token, first.pk]) in page
    assert reverse("orders:received", args=[order.number, order.token, second.pk]) not in page


def test_what_waits_to_be_fetched_shows_its_code(client, kopi):
    order = make_order([(kopi, 1)], delivery="pickup", shipping=0)
    mark_paid(order_id=order.pk)
    part = order.suborders.get()
    code = pickup_code(order, part)
    assert code not in text_of(client.get(order.get_absolute_url()))
    for to in (Status.PACKED, Status.READY_FOR_PICKUP):
        advance_suborder(suborder_id=part.pk, to=to, actor=None)
    page = text_of(client.get(order.get_absolute_url()))
    assert code in page
    assert "Jalan Contoh 12" not in page


@pytest.mark.parametrize("token", ["x", "0" * 32, "%00", "..%2f..", "a' OR '1'='1"])
def test_without_the_token_there_is_no_order(client, tempe, token):
    order = make_order([(tempe, 1)])
    for tail in ("", "bukti/"):
        assert client.get(f"/pesanan/{order.number}/{token}/{tail}").status_code == 404
    assert client.post(f"/pesanan/{order.number}/{token}/batal/").status_code == 404


def test_the_address_does_not_leak(client, tempe):
    order = make_order([(tempe, 1)])
    response = client.get(order.get_absolute_url())
    assert response["Referrer-Policy"] == "same-origin"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


def test_the_buyer_says_it_arrived(client, tempe):
    order = cash_order((tempe, 1))
    part = order.suborders.get()
    for to in (Status.PACKED, Status.SHIPPED):
        advance_suborder(suborder_id=part.pk, to=to, actor=None)
    client.post(reverse("orders:received", args=[order.number, order.token, part.pk]))
    part.refresh_from_db()
    order.refresh_from_db()
    assert (part.status, order.status) == (Status.DELIVERED, Order.Status.PAID)


def test_saying_it_too_early_changes_nothing(client, tempe):
    order = cash_order((tempe, 1))
    part = order.suborders.get()
    response = client.post(reverse("orders:received", args=[order.number, order.token, part.pk]), follow=True)
    assert response.status_code == 200
    part.refresh_from_db()
    assert part.status == Status.CONFIRMED


def test_a_part_of_another_order_is_out_of_reach(client, tempe):
    order, other = cash_order((tempe, 1)), cash_order((tempe, 1))
    foreign = other.suborders.get()
    url = reverse("orders:received", args=[order.number, order.token, foreign.pk])
    assert client.post(url).status_code == 404


def test_a_cash_order_is_called_off_until_a_shop_packs(client, tempe, kopi):
    order = cash_order((tempe, 1), (kopi, 1))
    url = reverse("orders:cancel", args=[order.number, order.token])
    assert url in text_of(client.get(order.get_absolute_url()))
    client.post(url)
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    packed = cash_order((tempe, 1), (kopi, 1))
    advance_suborder(suborder_id=packed.suborders.first().pk, to=Status.PACKED, actor=None)
    url = reverse("orders:cancel", args=[packed.number, packed.token])
    assert url not in text_of(client.get(packed.get_absolute_url()))
    client.post(url)
    packed.refresh_from_db()
    assert packed.status == Order.Status.PENDING


@pytest.mark.parametrize("page", ["orders:detail", "orders:receipt"])
def test_the_agreement_carries_its_nine_items(client, tempe, page):
    """PP 80/2019, article 53(1)."""
    order = make_order([(tempe, 2)])
    text = text_of(client.get(reverse(page, args=[order.number, order.token])))
    agreement = text[text.index('class="agreement__items"') :]
    assert agreement.count("<h3>") == 9
    for part in ("Sinta", "sinta@contoh.id", "Dapur Tempe", "0000000000001", "Keripik Tempe", "Rp40.000"):
        assert part in agreement


def test_the_states_complaint_desk_is_named(client, tempe):
    order = make_order([(tempe, 1)])
    page = text_of(client.get(order.get_absolute_url()))
    assert "0853-1111-1010" in page
    assert "/pengaduan/" in page


def test_an_order_that_has_ended_says_so_and_offers_no_payment(client, tempe):
    order = make_order([(tempe, 1)])
    expire(order_id=order.pk)
    response = client.get(order.get_absolute_url())
    assert "/bayar/lagi/" not in text_of(response)
    assert response.context["parcels"][0]["steps"][-1].state == "stopped"


def test_the_page_costs_the_same_however_many_shops(client, tempe, kopi):
    for items in ([(tempe, 1)], [(tempe, 1), (kopi, 2)]):
        order = make_order(items)
        client.get(order.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            client.get(order.get_absolute_url())
        # order, parts, lines, steps, permits, requests, refunds
        assert len(own_queries(queries)) == 7, own_queries(queries)


def test_my_orders_are_mine(client, buyer_client, other_owner_client, scene, tempe):
    order = make_order([(tempe, 1)], buyer=scene.buyer)
    assert order.number in text_of(buyer_client.get("/akun/pesanan/"))
    assert order.number not in text_of(other_owner_client.get("/akun/pesanan/"))
    assert client.get("/akun/pesanan/")["Location"] == "/pesanan/"
    assert list(orders_of(buyer=scene.buyer)) == [order]


def test_the_list_costs_the_same_however_long_it_is(buyer_client, scene, tempe, kopi):
    for count in (1, 4):
        for _order in range(count):
            make_order([(tempe, 1), (kopi, 1)], buyer=scene.buyer)
        buyer_client.get("/akun/pesanan/")
        with CaptureQueriesContext(connection) as queries:
            buyer_client.get("/akun/pesanan/")
        # how many, orders, parts, lines
        assert len(own_queries(queries)) == 4, own_queries(queries)


def test_a_lost_link_is_mailed_to_its_own_address(client, tempe):
    order = make_order([(tempe, 1)])
    page = client.post("/pesanan/", {"number": f" {order.number.lower()} ", "email": "SINTA@contoh.id"})
    process_due()
    (message,) = mail.outbox
    assert message.to == ["sinta@contoh.id"]
    assert order.get_absolute_url() in message.body
    assert order.token not in text_of(page)


def test_whether_there_is_such_an_order_is_not_told(client, tempe):
    order = make_order([(tempe, 1)])
    right = client.post("/pesanan/", {"number": order.number, "email": "sinta@contoh.id"})
    wrong = client.post("/pesanan/", {"number": order.number, "email": "lain@contoh.id"})
    process_due()
    assert len(mail.outbox) == 1
    strip = text_of(right).replace("sinta@contoh.id", "x")
    assert right.status_code == wrong.status_code == 200
    assert len(strip) == len(text_of(wrong).replace("lain@contoh.id", "x"))


@pytest.mark.parametrize(
    ("number", "email"), [("", "a@contoh.id"), ("x" * 21, "a@contoh.id"), ("LN-1", "bukan"), ("a\x00", "a@contoh.id")]
)
def test_nonsense_in_the_search_is_told_at_its_field(client, number, email):
    response = client.post("/pesanan/", {"number": number, "email": email})
    assert response.status_code == 422
    assert response.context["form"].errors


def test_searching_is_throttled(client, settings):
    settings.RATELIMIT_ENABLE = True
    answers = [client.post("/pesanan/", {"number": "LN-1", "email": "a@contoh.id"}).status_code for _try in range(7)]
    assert answers.count(200) == 5
    assert answers[-1] == 429
