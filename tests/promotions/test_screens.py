"""The owner's and the operators' pages of vouchers."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from marketplace.audit.models import AuditEvent
from marketplace.promotions.models import Voucher
from marketplace.promotions.services import redeem_voucher
from tests.factories.orders import make_shop, make_variant
from tests.factories.vouchers import make_voucher
from tests.portal.conftest import count_queries  # noqa: F401  fixture
from tests.roles import Scene, sign_in

pytestmark = pytest.mark.django_db
DRAFT = {"code": "omah 20", "kind": "percent", "percent": "20", "amount": "15000", "limit_per_buyer": "1"}


@pytest.fixture
def shop():
    return make_shop("Dapur Tempe")


@pytest.fixture
def owner(client, shop):
    return sign_in(client, shop.members.get().user)


def test_an_owner_makes_a_voucher(owner, shop):
    product = make_variant(shop, "Keripik").product
    day = timezone.localdate() + timedelta(days=30)
    data = DRAFT | {"valid_until": day.isoformat(), "products": [product.pk], "min_basket": "50000"}
    page = owner.post(reverse("portal:voucher-create", args=[shop.slug]), data, follow=True)
    voucher = Voucher.objects.get()
    assert (voucher.code, voucher.vendor, voucher.percent, voucher.amount) == ("OMAH20", shop, 20, 15_000)
    assert list(voucher.products.all()) == [product]
    # The last day counts whole.
    assert timezone.localtime(voucher.valid_until).date() == day + timedelta(days=1)
    assert voucher.last_day
    assert timezone.localtime(voucher.last_day).date() == day
    assert "OMAH20" in page.content.decode()
    assert AuditEvent.objects.filter(action="promotions.voucher_saved", actor=shop.members.get().user).exists()


@pytest.mark.parametrize(
    "change, field",
    [
        ({"code": ""}, "code"),
        ({"code": "A-B!"}, "code"),
        ({"code": "ADA10"}, "code"),
        ({"percent": ""}, "percent"),
        ({"percent": "101"}, "percent"),
        ({"kind": "fixed", "amount": ""}, "amount"),
        ({"valid_from": "2026-05-02", "valid_until": "2026-05-01"}, "valid_until"),
        ({"products": ["999999"]}, "products"),
    ],
)
def test_a_mistake_is_told_at_its_field(owner, shop, change, field):
    make_voucher(code="ADA10")
    page = owner.post(reverse("portal:voucher-create", args=[shop.slug]), DRAFT | change)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert Voucher.objects.count() == 1


def test_what_buyers_used_keeps_code_and_worth(owner, shop):
    voucher = make_voucher(vendor=shop, limit_total=5)
    redeem_voucher(voucher_id=voucher.pk, reference="LN-1", email="a@contoh.id", amount=4_000)
    address = reverse("portal:voucher-edit", args=[shop.slug, voucher.pk])
    more = {"code": "KOPI10", "kind": "percent", "percent": "10", "limit_total": "9"}
    assert owner.post(address, more | {"percent": "50"}).status_code == 422
    assert owner.post(address, more | {"limit_total": "0"}).status_code == 422
    assert owner.post(address, more).status_code == 302
    voucher.refresh_from_db()
    assert (voucher.percent, voucher.limit_total, voucher.used) == (10, 9, 1)
    listed = owner.get(reverse("portal:vouchers", args=[shop.slug])).content.decode()
    assert "Rp4.000" in listed
    assert "1 dari 9" in listed


def test_stopping_and_letting_it_run(owner, shop):
    voucher = make_voucher(vendor=shop)
    address = reverse("portal:voucher-switch", args=[shop.slug, voucher.pk])
    for is_active in (False, False, True):
        owner.post(address, {"is_active": "1" if is_active else "0"})
        voucher.refresh_from_db()
        assert voucher.is_active is is_active
    assert AuditEvent.objects.filter(action="promotions.voucher_stopped").count() == 1


def test_the_list_asks_the_same_however_many_there_are(owner, shop, count_queries):  # noqa: F811
    address = reverse("portal:vouchers", args=[shop.slug])
    make_voucher(vendor=shop, code="SATU")
    few = count_queries(owner, address)
    for number in range(15):
        make_voucher(vendor=shop, code=f"KODE{number}")
    assert count_queries(owner, address) == few == 7


def test_operators_run_the_sites_vouchers():
    scene = Scene()
    client = scene.client("operator")
    assert client.post(reverse("promotions_admin:create"), DRAFT).status_code == 302
    voucher = Voucher.objects.get()
    assert voucher.vendor is None
    make_voucher(code="TOKO", vendor=scene.vendor)
    page = client.get(reverse("promotions_admin:list")).content.decode()
    assert "OMAH20" in page
    assert "TOKO" not in page
    assert client.post(reverse("promotions_admin:create"), DRAFT).status_code == 422
    client.post(reverse("promotions_admin:switch", args=[voucher.pk]), {"is_active": "0"})
    voucher.refresh_from_db()
    assert not voucher.is_active
    assert client.get(reverse("promotions_admin:edit", args=[voucher.pk])).status_code == 200
