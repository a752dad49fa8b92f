"""A site with one of everything, so that each page has something to show, and where these pages are."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from marketplace.catalogue.models import Product
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order
from marketplace.orders.services import confirm_unpaid
from marketplace.reference.models import Category
from search.indexing import rebuild
from tests.factories import base, catalogue, registration
from tests.factories.orders import make_order
from tests.factories.shelf import put_on_sale
from tests.factories.verification import held_case
from tests.roles import Scene
from umkm.registration.models import VendorApplication


@dataclass
class Furnished:
    """The scene of the tests with goods, orders, registrations and cases in it."""

    scene: Scene = field(default_factory=Scene)

    def __post_init__(self) -> None:
        scene = self.scene
        for vendor in (scene.vendor, scene.other_vendor):
            vendor.accepts_cod = vendor.accepts_pickup = True
            vendor.address = "Jalan Cakalang 12"
            vendor.story = "Digoreng tiap pagi di gang Sanan."
            vendor.opening_hours = "08.00–16.00, Minggu tutup"
            vendor.save()
        self.with_choice: Product = put_on_sale(
            scene.vendor, "Keripik Tempe Sagu", prices=(15_000, 22_000), description="Renyah, dari tempe Sanan."
        )
        put_on_sale(scene.vendor, "Keripik Tempe Habis", stock=0)
        self.live = catalogue.live_product(
            scene.vendor, scene.vendor_owner, scene.officer, name="Sambal Bawang", category_id=scene.product.category_id
        )
        rebuild()

    def order(self, **fields: Any) -> Order:
        """A cash order of the buyer over both shops."""
        items = [(self.scene.variant, 1), (self.scene.other_variant, 2)]
        fields = {"buyer": self.scene.buyer, "method": "cod", "delivery": "own_delivery"} | fields
        order = make_order(items, **fields)
        if order.payment_method != "stripe":
            confirm_unpaid(order_id=order.pk)
        return order

    def draft(self) -> VendorApplication:
        """The buyer's own registration, not sent yet."""
        return registration.draft(owner=self.scene.buyer, categories=[without_permits()])

    def returned(self) -> VendorApplication:
        """The buyer's own registration, to be fixed."""
        reasons = {"address": "Sebutkan RT dan RW.", "document:ktp": "Foto KTP buram."}
        return registration.returned(
            owner=self.scene.buyer, reasons=reasons, name="Sari Rasa Polowijen", categories=[without_permits()]
        )

    def held_case(self, **fields: Any) -> VendorApplication:
        """A case that the officer has taken and not checked."""
        return held_case(self.scene.officer.officer, categories=[without_permits()], **fields)

    def waiting_product(self) -> Product:
        return catalogue.submitted_product(self.scene.vendor, self.scene.vendor_owner, name="Kerupuk Susu")

    def news(self) -> None:
        """Two messages for the buyer, one of them leading nowhere."""
        for title, url in (("Pesananmu dikirim", "/akun/pesanan/"), ("Selamat datang", "")):
            Notification.objects.create(user=self.scene.buyer, kind="order_shipped", title=title, url=url)

    def sign_in(self, page: Page, role: str, base_url: str) -> Page:
        """Give the browser the session of somebody who signed in."""
        cookie = self.scene.client(role).cookies["sessionid"]
        page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": base_url}])
        return page


def without_permits() -> Category:
    """A category for which identity card and NIB are all the papers there are."""
    return base.category("barang-uji")


def put_in_basket(page: Page, product: Product) -> None:
    """On the page with the buy form; with script it stays there and says so."""
    page.goto(f"/produk/{product.slug}/beli/")
    page.locator("form#beli button[type=submit]").click()
    page.wait_for_function(
        "() => location.pathname.endsWith('/keranjang/') || document.querySelector('#toasts .toast')"
    )
