"""The pages after the sale: what is typed is kept, what is wrong says so, photos are private, lists cost the same."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from marketplace.aftersales.models import RefundRequest, RequestPhoto
from marketplace.inventory.models import StockItem
from marketplace.orders.models import Order, SubOrder
from marketplace.payments.models import PaymentAttempt, Refund
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode()


def picture():
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), "brown").save(buffer, "PNG")
    return SimpleUploadedFile("rusak.png", buffer.getvalue(), content_type="image/png")


def delivered(scene, *, status=SubOrder.Status.DELIVERED):
    """An order of Rp25.000 that was paid online and is at this state."""
    StockItem.objects.update(on_hand=1000)
    order = make_order([(scene.variant, 1)], buyer=scene.buyer)
    PaymentAttempt.objects.create(
        order=order, provider="stripe", method="stripe", amount=order.total, status="paid", payment_id=f"pi_{order.pk}"
    )
    Order.objects.filter(pk=order.pk).update(status=Order.Status.PAID, paid_at=timezone.now())
    order.suborders.update(status=status, delivered_at=timezone.now(), confirmed_at=timezone.now())
    order.refresh_from_db()
    return order


def place(name, order, **more):
    return reverse(f"aftersales:{name}", kwargs={"number": order.number, "token": order.token, **more})


@pytest.fixture
def order(scene):
    return delivered(scene)


@pytest.fixture
def asked(order):
    part = order.suborders.get()
    SubOrder.objects.filter(pk=part.pk).update(is_contested=True)
    return RefundRequest.objects.create(
        suborder=part,
        asked_by="buyer",
        reason="damaged",
        scope="whole",
        amount_asked=part.gross,
        text="Pecah <b>semua</b>",
        due_at=timezone.now(),
    )


def test_the_buyer_asks_from_the_orders_page_with_photos(client, order):
    part = order.suborders.get()
    assert place("ask", order, pk=part.pk) in text_of(client.get(order.get_absolute_url()))
    data = {"reason": "damaged", "scope": "whole", "text": "Pecah", "photos": [picture(), picture()]}
    response = client.post(place("ask", order, pk=part.pk), data)
    request = RefundRequest.objects.get()
    assert response.url == place("request", order, pk=request.pk)
    assert request.photos.count() == 2
    page = client.get(response.url)
    photo = RequestPhoto.objects.first()
    assert place("photo", order, pk=request.pk, photo_id=photo.pk) in text_of(page)
    assert "noindex" in page["X-Robots-Tag"]
    shown = client.get(place("photo", order, pk=request.pk, photo_id=photo.pk))
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["Cache-Control"].startswith("private, no-store")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert client.get(f"/media/{photo.file.name}").status_code == 404
    assert client.get(place("ask", order, pk=part.pk)).status_code == 302, "a second time leads to the first"


@pytest.mark.parametrize(
    "data",
    [
        {"reason": "damaged", "scope": "amount", "amount": "999999", "text": "Kunci <i>hilang</i>"},
        {"reason": "damaged", "scope": "amount", "amount": "", "text": "Kunci <i>hilang</i>"},
        {"reason": "damaged", "scope": "lines", "text": "Kunci <i>hilang</i>"},
        {"reason": "", "scope": "whole", "text": "Kunci <i>hilang</i>"},
        {"reason": "x", "scope": "whole", "text": "Kunci <i>hilang</i>"},
        {
            "reason": "damaged",
            "scope": "whole",
            "text": "Kunci <i>hilang</i>",
            "photos": SimpleUploadedFile("a.jpg", b"<script>", content_type="image/jpeg"),
        },
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(client, order, data):
    response = client.post(place("ask", order, pk=order.suborders.get().pk), data)
    assert response.status_code == 422
    assert "Kunci &lt;i&gt;hilang&lt;/i&gt;" in text_of(response)
    assert RefundRequest.objects.count() == 0


def test_a_part_that_cannot_be_asked_for_leads_back_with_the_reason(client, scene):
    order = delivered(scene, status=SubOrder.Status.COMPLETED)
    page = client.get(place("ask", order, pk=order.suborders.get().pk), follow=True)
    assert page.redirect_chain[-1][0] == order.get_absolute_url()
    assert list(page.context["messages"])


def test_the_buyer_cancels_one_part_from_the_page(client, scene):
    order = delivered(scene, status=SubOrder.Status.CONFIRMED)
    part = order.suborders.get()
    assert place("cancel", order, pk=part.pk) in text_of(client.get(order.get_absolute_url()))
    client.post(place("cancel", order, pk=part.pk))
    part.refresh_from_db()
    assert (part.status, Refund.objects.get().amount) == (SubOrder.Status.CANCELLED, order.total)


def test_the_shop_refuses_and_the_buyer_disagrees(client, vendor_owner_client, operator_client, scene, order, asked):
    address = [scene.vendor.slug, asked.pk]
    page = text_of(vendor_owner_client.get(reverse("portal:request", args=address)))
    assert "Pecah &lt;b&gt;semua&lt;/b&gt;" in page
    empty = vendor_owner_client.post(reverse("portal:request-answer", args=address), {"answer": "refuse", "note": ""})
    assert empty.status_code == 422
    vendor_owner_client.post(reverse("portal:request-answer", args=address), {"answer": "refuse", "note": "Tidak"})
    asked.refresh_from_db()
    assert asked.status == RefundRequest.Status.DECLINED
    assert client.post(place("act", order, pk=asked.pk, step="banding"), {"note": ""}).status_code == 422
    client.post(place("act", order, pk=asked.pk, step="banding"), {"note": "Lihat fotonya"})
    asked.refresh_from_db()
    assert asked.status == RefundRequest.Status.ESCALATED
    queue = text_of(operator_client.get(reverse("aftersales_admin:list")))
    assert order.number in queue
    detail = reverse("aftersales_admin:request", args=[asked.pk])
    assert "Lihat fotonya" in text_of(operator_client.get(detail))
    assert operator_client.post(detail, {"answer": "refuse", "note": ""}).status_code == 422
    assert operator_client.post(detail, {"answer": "agree", "amount": "10000", "note": "Sebagian"}).status_code == 302
    asked.refresh_from_db()
    assert (asked.status, asked.amount_granted, asked.is_final) == (RefundRequest.Status.REFUNDING, 10_000, True)


def test_the_shop_gives_money_back_from_the_orders_page(vendor_owner_client, scene, order):
    part = order.suborders.get()
    offer = reverse("portal:refund-offer", args=[scene.vendor.slug, part.pk])
    page = reverse("portal:order", args=[scene.vendor.slug, part.pk])
    assert offer in text_of(vendor_owner_client.get(page))
    assert vendor_owner_client.post(offer, {"scope": "amount", "amount": "5000", "note": ""}).status_code == 422
    response = vendor_owner_client.post(offer, {"scope": "amount", "amount": "5000", "note": "Maaf"})
    request = RefundRequest.objects.get()
    assert response.url == reverse("portal:request", args=[scene.vendor.slug, request.pk])
    assert Refund.objects.get().amount == 5_000


def test_a_shop_cancels_a_paid_part_with_its_refund(vendor_owner_client, scene):
    order = delivered(scene, status=SubOrder.Status.PACKED)
    part = order.suborders.get()
    vendor_owner_client.post(
        reverse("portal:order-step", args=[scene.vendor.slug, part.pk]), {"to": "cancelled", "note": "Oven rusak"}
    )
    part.refresh_from_db()
    assert (part.status, part.refunded_total) == (SubOrder.Status.CANCELLED, order.total)


def test_operators_set_the_terms_of_what_begins_from_now_on(operator_client, scene, client, order):
    address = reverse("wagtailsettings:edit", args=["aftersales", "aftersalesterms"])
    page = operator_client.get(address, follow=True)
    assert page.status_code == 200
    fields = {"days_to_decide": 5, "days_to_send": 7, "days_to_receive": 7, "days_to_pay_by_hand": 3}
    operator_client.post(page.request["PATH_INFO"], {**fields, "days_to_disagree": 7})
    client.post(place("ask", order, pk=order.suborders.get().pk), {"reason": "damaged", "scope": "whole"})
    request = RefundRequest.objects.get()
    assert (request.due_at - request.created_at).days in (4, 5)


def many(scene, count, **fields):
    for _row in range(count):
        part = delivered(scene).suborders.get()
        RefundRequest.objects.create(
            suborder=part, asked_by="buyer", reason="damaged", scope="whole", amount_asked=part.gross, **fields
        )


@pytest.mark.parametrize(
    "role, name, fields, expected",
    [
        ("vendor_owner", "portal:requests", {}, 2),
        ("operator", "aftersales_admin:list", {"status": "escalated"}, 2),
        ("operator", "aftersales_admin:list", {}, 2),
    ],
)
def test_lists_cost_the_same_however_long(scene, role, name, fields, expected):
    client = scene.client(role)
    address = reverse(name, args=[scene.vendor.slug] if role == "vendor_owner" else [])

    def own():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len([query for query in captured if "aftersales_refundrequest" in query["sql"]]), len(captured)

    many(scene, 1, **fields)
    own()
    few = own()
    assert few[0] == expected
    many(scene, 5, **fields)
    assert own() == few
