"""The main job, end to end, by the people who do it: on a phone and on a desk."""

import re
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from playwright.sync_api import expect

from marketplace.accounts.models import User
from marketplace.accounts.services import set_second_factor
from marketplace.catalogue.listings import refresh_listings
from marketplace.installation.demo.catalogue import PICTURES
from marketplace.inventory.models import StockItem
from marketplace.orders.models import Order, SubOrder
from search.indexing import rebuild
from tests.browser import DESK, PHONE
from tests.journeys.people import Buyer, OfficerAtDesk, Owner, Seller, address_in_mail, no_sideways_scroll, worker
from tests.local_stripe import DECLINED, PAYS
from tests.roles import TOTP_SECRET, Scene
from umkm.registration.models import VendorApplication
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390px", "1280px"])
def test_from_registration_to_the_parcel(site, size, new_page, live_server, local_stripe, settings, tmp_path: Path):
    settings.BASE_URL = live_server.url
    scene = Scene()
    neighbour = scene.vendor
    officer = scene.people["officer"]
    sign_in_address(officer)
    set_second_factor(user=officer, secret=TOTP_SECRET)
    refresh_listings(product_ids=[scene.product.pk])
    rebuild()

    # An owner registers with the papers that she has.
    owner = Owner(new_page(size))
    owner.sign_up()
    owner.register(tmp_path)
    application = VendorApplication.objects.get(owner__email=owner.email)
    assert application.status == VendorApplication.Status.SUBMITTED
    assert application.agency == scene.vendor.agency

    # An officer of her region returns it: the address says too little.
    desk = OfficerAtDesk(new_page(size))
    desk.sign_in(officer.email, to="/admin/", secret=TOTP_SECRET)
    desk.open_case()
    desk.check_everything(wrong="address")
    desk.decide("return")
    application.refresh_from_db()
    assert application.status == VendorApplication.Status.RETURNED

    # She reads the reason at the field, fixes only that, sends it again.
    owner.fix()
    application.refresh_from_db()
    assert application.round == 2
    assert application.status in VendorApplication.AWAITING

    # The officer checks what changed, and approves: the shop opens.
    desk.open_case()
    desk.check_everything()
    desk.decide("approve")
    shop = Vendor.objects.get(name="Sari Rasa Polowijen")
    assert shop.is_open

    # She lists a product with a photo; the office passes it.
    owner.list_product(PICTURES / "products" / "keripik-tempe-daun-jeruk.webp")
    desk.approve_product("Keripik Singkong")
    worker()

    # A visitor finds it, buys from two shops at once, is declined once, then pays.
    buyer = Buyer(new_page(size))
    buyer.put_in_basket("keripik+singkong", "Keripik Singkong Sari Rasa")
    buyer.put_in_basket(scene.product.name.replace(" ", "+"), scene.product.name)
    buyer.check_out()
    order = Order.objects.get()
    buyer.pay(DECLINED)
    buyer.pay(PAYS)
    buyer.page.wait_for_url(re.compile(f"/pesanan/{order.number}/"))
    no_sideways_scroll(buyer.page)
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert order.suborders.count() == 2
    assert StockItem.objects.get(variant__product__vendor=shop).on_hand == 5
    # What the provider tells by itself changes nothing any more.
    local_stripe.deliver(scene.client("visitor"))
    worker()
    assert {tuple(message.to) for message in mail.outbox} >= {("rina@example.com",), (owner.email,)}

    # Each shop sees its own part and nothing else; she packs and sends hers.
    mine, theirs = order.suborders.get(vendor=shop), order.suborders.get(vendor=neighbour)
    seller = Seller(owner.page)
    seller.orders(shop.slug)
    expect(seller.page.locator("main")).to_contain_text(order.number)
    seller.press(f"main a[href$='/pesanan/{mine.pk}/']")
    expect(seller.page.locator("main")).to_contain_text("Keripik Singkong")
    expect(seller.page.locator("main")).not_to_contain_text(scene.product.name)
    # What the buyer typed is shown as it was typed, and runs nowhere.
    expect(seller.page.locator("main")).to_contain_text("Rina O'Brien <script>alert(1)</script>")
    assert seller.page.request.get(f"/portal/{shop.slug}/pesanan/{theirs.pk}/").status == 404
    seller.step("packed")
    seller.step("shipped", courier="JNE", tracking_number="JNE0012345678")
    other = Seller(new_page(size))
    sign_in_address(scene.people["vendor_owner"])
    other.sign_in(scene.people["vendor_owner"].email, to="/portal/")
    other.orders(neighbour.slug)
    expect(other.page.locator("main")).to_contain_text(order.number)
    other.press(f"main a[href$='/pesanan/{theirs.pk}/']")
    expect(other.page.locator("main")).to_contain_text(scene.product.name)
    expect(other.page.locator("main")).not_to_contain_text("Keripik Singkong")

    # The buyer reads in the mail that it is on its way, and sees it by the link.
    buyer.page.goto(address_in_mail("rina@example.com", rf"/pesanan/{order.number}/\S+"))
    expect(buyer.page.locator("main")).to_contain_text("JNE0012345678")
    no_sideways_scroll(buyer.page)
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.status, theirs.status) == (SubOrder.Status.SHIPPED, SubOrder.Status.CONFIRMED)


def sign_in_address(user: User) -> None:
    """The address of somebody who confirmed it long ago."""
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
