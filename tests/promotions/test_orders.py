"""A voucher from the checkout to the books: who bears it, what goes back, when it is free again."""

from io import BytesIO

import pytest
from django.core import mail
from django.urls import reverse
from pypdf import PdfReader

from marketplace.accounts.models import User
from marketplace.checkout.drafts import Contact
from marketplace.core.exceptions import DomainError
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance, sum_of_all_postings
from marketplace.orders.models import Order, SubOrder
from marketplace.orders.services import advance_suborder, cancel, expire, mark_paid, mark_paid_late, reserve_again
from marketplace.outbox.services import process_due
from marketplace.payments import refund_plans
from marketplace.payments.models import PaymentAttempt, Refund
from marketplace.payments.providers.base import Snapshot, State
from marketplace.payments.services import reconcile, refund_parts, settle
from marketplace.promotions.models import VoucherRedemption
from tests.checkout.conftest import fill
from tests.checkout.test_place_order import order
from tests.factories.orders import make_variant
from tests.factories.vouchers import make_voucher
from umkm.vendors.models import VendorMember

pytestmark = pytest.mark.django_db
Use = VoucherRedemption.State
# 3 × keripik 60.000, 2 × mug 130.000, 1 × kopi 52.000; delivery 23.000.
GOODS, DELIVERY = 242_000, 23_000


def pay(placed: Order) -> None:
    attempt = PaymentAttempt.objects.get(order=placed)
    snapshot = Snapshot(
        session_id="cs_1",
        state=State.PAID,
        amount=placed.total,
        currency="idr",
        reference=attempt.idempotency_key,
        payment_id="pi_1",
    )
    settle(attempt_id=attempt.pk, snapshot=snapshot)


def state_of(placed: Order) -> str:
    process_due()
    return VoucherRedemption.objects.get(reference=placed.number).state


def test_the_sites_voucher_is_split_frozen_and_sent_to_the_provider(basket, shops):
    voucher = make_voucher()
    placed = order(basket, shops, voucher_code=" kopi10 ")
    assert (placed.discount_total, placed.total, placed.voucher_code) == (24_200, GOODS + DELIVERY - 24_200, "KOPI10")
    parts = list(placed.suborders.order_by("pk"))
    assert [part.discount_total for part in parts] == [part.site_discount for part in parts] == [6_000, 13_000, 5_200]
    assert [line.discount_total for part in parts for line in part.lines.all()] == [6_000, 13_000, 5_200]
    assert sum(part.gross for part in parts) == placed.total
    request = PaymentAttempt.objects.get().request_json
    sent = sum(line["price_data"]["unit_amount"] * line["quantity"] for line in request["line_items"])
    assert sent == placed.total * 100
    voucher.refresh_from_db()
    assert voucher.used == 1


def test_the_site_bears_its_own_voucher(basket, shops, settings):
    settings.COMMISSION_BASIS_POINTS = 500
    make_voucher()
    placed = order(basket, shops, voucher_code="KOPI10")
    pay(placed)
    owed = -sum(balance(account=Account.VENDOR_PAYABLE, vendor_id=shop.pk) for shop in shops.values())
    # The shops get what they would have got without it, and pay commission on that.
    assert owed == GOODS + DELIVERY - GOODS * 5 // 100
    assert balance(account=Account.PROMOTION) == 24_200
    assert balance(account=Account.GATEWAY_CLEARING) == placed.total
    assert sum_of_all_postings() == 0
    assert state_of(placed) == Use.USED


def test_a_shop_bears_its_own_voucher(basket, shops, settings):
    settings.COMMISSION_BASIS_POINTS = 500
    make_voucher(code="MUGMURAH", vendor=shops["keramik"], kind="fixed", percent=None, amount=30_000)
    placed = order(basket, shops, voucher_code="MUGMURAH")
    pay(placed)
    part = placed.suborders.get(vendor=shops["keramik"])
    assert (part.discount_total, part.site_discount, part.own_discount) == (30_000, 0, 30_000)
    assert balance(account=Account.PROMOTION) == 0
    # Commission on what the buyer pays for the goods: 5 % of Rp100.000.
    assert (
        -balance(account=Account.VENDOR_PAYABLE, vendor_id=shops["keramik"].pk) == part.gross - 5_000 == part.for_vendor
    )
    assert not placed.suborders.exclude(vendor=shops["keramik"]).filter(discount_total__gt=0).exists()


@pytest.mark.parametrize("steps", [["whole"], ["piece", "amount", "whole"], ["delivery", "piece", "whole"]])
def test_what_goes_back_takes_the_sites_share_with_it(basket, shops, settings, steps):
    settings.COMMISSION_BASIS_POINTS = 333
    make_voucher(percent=33)
    placed = order(basket, shops, voucher_code="KOPI10")
    pay(placed)
    plans = {
        "whole": refund_plans.whole,
        "piece": lambda parts: refund_plans.of_lines(parts[0], {parts[0].lines.all()[0].pk: 1}),
        "amount": lambda parts: refund_plans.of_amount(parts, 77_777),
        "delivery": lambda parts: refund_plans.of_lines(parts[0], {}, with_shipping=True),
    }
    for step in steps:
        refund_parts(order_id=placed.pk, plan=plans[step], reason=Refund.Reason.REQUEST, origin=step)
        assert sum_of_all_postings() == 0
        assert balance(account=Account.PROMOTION) >= 0
    assert PaymentAttempt.objects.get().refunded == placed.total
    assert balance(account=Account.PROMOTION) == balance(account=Account.COMMISSION) == 0
    assert all(balance(account=Account.VENDOR_PAYABLE, vendor_id=shop.pk) == 0 for shop in shops.values())


def test_only_what_the_voucher_is_for_goes_back_at_less(variants, shops):
    more = make_variant(shops["keramik"], "Piring", price=40_000)
    voucher = make_voucher(percent=50)
    voucher.products.add(variants["mug"].product)
    placed = order(fill({variants["mug"]: 1, more: 1}), {"keramik": shops["keramik"]}, voucher_code="KOPI10")
    (part,) = SubOrder.objects.filter(order=placed)
    values, _delivery = refund_plans.paid_values(part)
    assert sorted(values.values()) == [32_500, 40_000]


def test_cash_is_collected_less_and_the_site_owes_the_difference(variants, shops, settings):
    settings.COMMISSION_BASIS_POINTS = 500
    make_voucher()
    cart = fill({variants["keripik"]: 3})
    placed = order(cart, {"tempe": shops["tempe"]}, voucher_code="KOPI10", payment_method="cod")
    assert placed.total == 62_000
    (part,) = placed.suborders.all()
    for status in ("packed", "shipped", "delivered"):
        advance_suborder(suborder_id=part.pk, to=status, actor=None)
    settings.STRIPE_SECRET_KEY = ""
    reconcile()
    # The site adds Rp6.000 and keeps Rp3.000 of commission.
    assert -balance(account=Account.VENDOR_PAYABLE, vendor_id=shops["tempe"].pk) == 6_000 - 3_000
    assert balance(account=Account.PROMOTION) == 6_000
    assert sum_of_all_postings() == 0
    assert state_of(placed) == Use.USED


@pytest.mark.parametrize("close, expected", [(expire, Use.RELEASED), (cancel, Use.RELEASED)])
def test_an_order_that_ends_unpaid_gives_the_voucher_back(basket, shops, close, expected):
    voucher = make_voucher(limit_total=1, limit_per_buyer=1)
    placed = order(basket, shops, voucher_code="KOPI10")
    close(order_id=placed.pk)
    assert state_of(placed) == expected
    voucher.refresh_from_db()
    assert voucher.used == 0


def test_money_that_comes_late_keeps_its_discount_beside_the_limits(basket, shops):
    voucher = make_voucher(limit_total=1)
    placed = order(basket, shops, voucher_code="KOPI10")
    expire(order_id=placed.pk)
    assert state_of(placed) == Use.RELEASED
    type(voucher).objects.update(used=1)
    mark_paid_late(order_id=placed.pk)
    reserve_again(order_id=placed.pk)
    mark_paid(order_id=placed.pk)
    assert state_of(placed) == Use.USED
    assert not VoucherRedemption.objects.get().is_counted
    voucher.refresh_from_db()
    assert voucher.used == 1


def test_a_voucher_that_does_not_fit_places_nothing(basket, shops):
    make_voucher(min_basket=300_000)
    with pytest.raises(DomainError) as refused:
        order(basket, shops, voucher_code="KOPI10")
    assert (refused.value.field, refused.value.code) == ("voucher", "voucher_refused")
    with pytest.raises(DomainError):
        order(basket, shops, voucher_code="TIDAKADA")
    assert not Order.objects.exists()


def test_a_buyer_has_it_once_whatever_the_case_of_the_mail_address(variants, shops):
    make_voucher(limit_per_buyer=1)
    order(fill({variants["kopi"]: 1}), shops, voucher_code="KOPI10", checkout_key="a" * 24)
    again = {"checkout_key": "b" * 24, "contact": Contact(name="S", email="SINTA@contoh.id ", phone="+6281234567890")}
    with pytest.raises(DomainError) as refused:
        order(fill({variants["kopi"]: 1}), shops, voucher_code="KOPI10", **again)
    assert refused.value.code == "voucher_had"
    assert Order.objects.count() == VoucherRedemption.objects.count() == 1


def test_no_mail_address_stands_with_a_use(basket, shops):
    make_voucher()
    order(basket, shops, voucher_code="KOPI10")
    assert "sinta" not in VoucherRedemption.objects.get().buyer


@pytest.mark.parametrize("is_site", [True, False])
def test_page_proof_and_mails_name_the_voucher_and_who_gave_it(client, basket, shops, is_site):
    fields = {} if is_site else {"vendor": shops["tempe"], "kind": "fixed", "percent": None, "amount": 6_000}
    make_voucher(**fields)
    owner = User.objects.create_user(email="tempe@contoh.id", name="Bu Tempe")
    VendorMember.objects.create(vendor=shops["tempe"], user=owner, role=VendorMember.Role.OWNER)
    placed = order(basket, shops, voucher_code="KOPI10")
    label = "Voucher KOPI10 dari " + ("Lapak Ngalam" if is_site else "Dapur Tempe")
    for address in (placed.get_absolute_url(), placed.get_absolute_url() + "bukti/"):
        page = client.get(address).content.decode()
        assert label in page
    assert "−Rp6.000" in page
    pdf = client.get(reverse("orders:receipt-file", args=[placed.number, placed.token])).content
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    assert label in text
    assert "−Rp6.000" in text
    pay(placed)
    while process_due():
        pass
    mails = {(message.to[0], message.subject): message.body for message in mail.outbox}
    to_buyer = [body for (to, _subject), body in mails.items() if to == placed.email]
    assert len(to_buyer) == 2
    assert all(label in body for body in to_buyer)
    (to_shop,) = [body for (to, _subject), body in mails.items() if to == owner.email]
    assert ("Voucher KOPI10 memotong Rp6.000" if is_site else "Vouchermu KOPI10 memotong Rp6.000") in to_shop
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    part = placed.suborders.get(vendor=shops["tempe"])
    page = client.get(reverse("portal:order", args=[part.vendor.slug, part.pk])).content.decode()
    assert ("voucher KOPI10, ditanggung situs" if is_site else "Vouchermu KOPI10") in page
