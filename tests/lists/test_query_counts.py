"""Lists ask as many questions for many rows as for few, whoever looks at them.

Lists that have such a test beside what else they do (search, storefront, vouchers, transfers, payouts, businesses, the
officers' queue) are not here again.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from marketplace.accounts import services as accounts
from marketplace.aftersales.services import ask_refund
from marketplace.notifications.services import notify
from marketplace.orders.models import PaymentMethod, SubOrder
from marketplace.orders.services import confirm_unpaid
from marketplace.outbox.models import OutboxMessage
from tests.factories import registration
from tests.factories.base import UserFactory
from tests.factories.catalogue import submitted_product
from tests.factories.orders import make_order, make_shop, make_variant
from tests.portal.conftest import count_queries
from umkm.registration.files import check_upload
from umkm.vendors.models import VendorMember
from umkm.verification import renewals

pytestmark = pytest.mark.django_db
__all__ = ["count_queries"]
FEW, MANY = 2, 7


def an_order(scene, number: int) -> None:
    """At both shops, with several things."""
    things = [
        (make_variant(shop, f"Barang {number} {place}"), 1)
        for shop in (scene.vendor, scene.other_vendor)
        for place in (1, 2)
    ]
    order = make_order(things, buyer=scene.people["buyer"], method=PaymentMethod.COD, delivery="own_delivery")
    confirm_unpaid(order_id=order.pk)


def a_request(scene, number: int) -> None:
    an_order(scene, number)
    part = SubOrder.objects.filter(vendor=scene.vendor).latest("pk")
    SubOrder.objects.filter(pk=part.pk).update(status=SubOrder.Status.DELIVERED)
    ask_refund(suborder_id=part.pk, actor=None, reason="damaged", scope="whole")


def a_notice(scene, number: int) -> None:
    words = {"number": f"LN-{number}", "amount": "Rp1", "for_operator": False}
    notify(kind="refund_outside", user=scene.people["buyer"], url="/", context=words)


def a_message_given_up(scene, number: int) -> None:
    OutboxMessage.objects.create(topic="search.index", key=str(number), state=OutboxMessage.State.DEAD, last_error="x")


def a_product_to_review(scene, number: int) -> None:
    submitted_product(scene.vendor, scene.vendor_owner, name=f"Keripik {number}")


def a_colleague(scene, number: int) -> None:
    VendorMember.objects.create(vendor=scene.vendor, user=UserFactory(), role=VendorMember.Role.STAFF)


def an_officer(scene, number: int) -> None:
    accounts.appoint_officer(user=UserFactory(), agency=scene.vendor.agency, actor=scene.people["operator"])
    accounts.appoint_editor(user=UserFactory(), actor=scene.people["operator"])


def a_renewed_paper(scene, number: int) -> None:
    shop = make_shop(f"Toko {number}")
    registration.kind("pirt")
    renewals.send_renewal(
        vendor_id=shop.pk,
        actor=shop.members.get().user,
        kind_slug="pirt",
        checked=check_upload(registration.photo()),
        number="2063573010123-27",
        expires_on=timezone.localdate() + timedelta(days=900),
    )


def of_the_shop(name: str) -> Callable[..., str]:
    return lambda scene: reverse(f"portal:{name}", args=[scene.vendor.slug])


@pytest.mark.parametrize(
    ("role", "address", "add"),
    [
        ("buyer", lambda _scene: reverse("orders:mine"), an_order),
        ("buyer", lambda _scene: reverse("notifications:list"), a_notice),
        ("vendor_owner", of_the_shop("orders"), an_order),
        ("vendor_owner", of_the_shop("requests"), a_request),
        ("vendor_owner", of_the_shop("team"), a_colleague),
        ("vendor_owner", of_the_shop("products"), a_product_to_review),
        ("operator", lambda _scene: reverse("aftersales_admin:list"), a_request),
        ("operator", lambda _scene: reverse("outbox_admin:background"), a_message_given_up),
        ("operator", lambda _scene: reverse("people:list"), an_officer),
        ("officer", lambda _scene: reverse("moderation:queue"), a_product_to_review),
        ("officer", lambda _scene: reverse("verification:renewals"), a_renewed_paper),
    ],
)
def test_a_list_does_not_ask_more_for_more_rows(scene, count_queries, role, address, add):
    person = scene.client(role)
    for number in range(FEW):
        add(scene, number)
    few, length = count_queries(person, address(scene)), len(person.get(address(scene)).content)
    for number in range(FEW, MANY):
        add(scene, number)
    assert count_queries(person, address(scene)) == few
    assert len(person.get(address(scene)).content) > length + 200, "the rows are there"
