"""Who hears what by mail, each once, in their own language."""

import pytest
from django.core import mail

from marketplace.notifications.models import Notification
from marketplace.orders import notices
from marketplace.orders.models import PaymentMethod, SubOrder
from marketplace.orders.services import advance_suborder, cancel, confirm_unpaid, expire, mark_paid
from marketplace.orders.tracking import pickup_code
from marketplace.outbox.services import enqueue, process_due
from tests.factories.base import UserFactory
from tests.factories.orders import make_order, make_shop, make_variant
from umkm.vendors.models import VendorMember

pytestmark = pytest.mark.django_db
BUYER = "sinta@contoh.id"


@pytest.fixture
def tempe():
    return make_variant(make_shop("Dapur Tempe", owner=UserFactory(email="tempe@contoh.id")), "Keripik")


@pytest.fixture
def kopi():
    return make_variant(make_shop("Kopi Jendela", owner=UserFactory(email="kopi@contoh.id", language="en")), "Kopi")


def place(*variants, **fields):
    order = make_order([(variant, 1) for variant in variants], **fields)
    enqueue(topic="order.placed", key=str(order.pk), payload={"order_id": order.pk})
    return order


def mails() -> list[tuple[str, str]]:
    """Do what waits; (to, subject) of everything sent since the last look."""
    mail.outbox.clear()
    while process_due():
        pass
    return sorted((message.to[0], message.subject) for message in mail.outbox)


def recipients() -> list[str]:
    return [to for to, _subject in mails()]


def test_an_unpaid_order_is_told_to_its_buyer_and_a_paid_one_to_the_shops(tempe, kopi):
    order = place(tempe, kopi)
    assert recipients() == [BUYER]
    assert order.number in mail.outbox[0].subject
    assert order.get_absolute_url() in mail.outbox[0].body
    mark_paid(order_id=order.pk)
    assert recipients() == ["kopi@contoh.id", BUYER, "tempe@contoh.id"]
    assert Notification.objects.filter(kind="vendor_new_order").count() == 2
    assert "/en/portal/kopi-jendela/" in Notification.objects.get(user__email="kopi@contoh.id").url


def test_a_cash_order_goes_to_the_shops_at_once(tempe):
    order = make_order([(tempe, 1)], method=PaymentMethod.COD, delivery="own_delivery")
    confirm_unpaid(order_id=order.pk)
    enqueue(topic="order.placed", payload={"order_id": order.pk})
    assert recipients() == [BUYER, "tempe@contoh.id"]
    cancel(order_id=order.pk)
    assert recipients() == [BUYER, "tempe@contoh.id"]


def test_everybody_who_acts_for_a_shop_hears_of_it(tempe):
    vendor = tempe.product.vendor
    VendorMember.objects.create(vendor=vendor, user=UserFactory(email="staf@contoh.id"))
    VendorMember.objects.create(vendor=vendor, user=UserFactory(email="mantan@contoh.id"), is_active=False)
    order = place(tempe)
    mark_paid(order_id=order.pk)
    assert recipients() == [BUYER, BUYER, "staf@contoh.id", "tempe@contoh.id"]


def test_a_message_that_comes_again_mails_nobody_again(tempe):
    order = place(tempe)
    mark_paid(order_id=order.pk)
    assert len(mails()) == 3
    for _again in range(3):
        notices.on_placed({"order_id": order.pk})
        notices.on_paid({"order_id": order.pk})
    assert mails() == []


def test_the_buyer_hears_that_it_was_sent_with_courier_and_number(tempe):
    order = place(tempe)
    mark_paid(order_id=order.pk)
    mails()
    part = order.suborders.get()
    advance_suborder(suborder_id=part.pk, to=SubOrder.Status.PACKED, actor=None)
    assert mails() == []
    advance_suborder(
        suborder_id=part.pk, to=SubOrder.Status.SHIPPED, actor=None, courier="JNE", tracking_number="JNE123"
    )
    assert recipients() == [BUYER]
    assert "Dapur Tempe" in mail.outbox[0].subject
    assert "JNE123" in mail.outbox[0].body
    advance_suborder(suborder_id=part.pk, to=SubOrder.Status.DELIVERED, actor=None)
    assert mails() == []


def test_the_buyer_hears_that_it_can_be_fetched_with_the_code(kopi):
    order = place(kopi, delivery="pickup", shipping=0)
    mark_paid(order_id=order.pk)
    mails()
    part = order.suborders.get()
    for to in (SubOrder.Status.PACKED, SubOrder.Status.READY_FOR_PICKUP):
        advance_suborder(suborder_id=part.pk, to=to, actor=None)
    assert recipients() == [BUYER]
    assert pickup_code(order, part) in mail.outbox[0].body


def test_the_buyer_hears_why_a_shop_cannot_deliver(tempe):
    order = make_order([(tempe, 1)], method=PaymentMethod.COD, delivery="own_delivery")
    confirm_unpaid(order_id=order.pk)
    part = order.suborders.get()
    advance_suborder(suborder_id=part.pk, to=SubOrder.Status.CANCELLED, actor=None, note="Kehabisan <kedelai>")
    assert recipients() == [BUYER]
    assert "Kehabisan <kedelai>" in mail.outbox[0].body


def test_an_order_that_ended_unpaid_is_told_to_its_buyer_only(tempe):
    order = place(tempe)
    mails()
    expire(order_id=order.pk)
    assert recipients() == [BUYER]


def test_mails_speak_the_language_of_the_order(tempe):
    order = place(tempe, language="en")
    mails()
    assert f"/en/pesanan/{order.number}/" in mail.outbox[0].body
    assert mail.outbox[0].subject == f"Your order {order.number}"


def test_a_person_is_told_in_the_site_and_at_the_address_of_the_order(tempe):
    buyer = UserFactory(email="akun@contoh.id")
    order = place(tempe, buyer=buyer)
    assert recipients() == ["akun@contoh.id"]
    order = place(tempe, buyer=buyer)
    type(order).objects.filter(pk=order.pk).update(email="kantor@contoh.id")
    assert recipients() == ["akun@contoh.id", "kantor@contoh.id"]
    assert Notification.objects.filter(user=buyer, kind="order_placed").count() == 2
