"""Who comes to the site: one person per role, and how each signs in."""

import time
from dataclasses import dataclass, field

from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from marketplace.accounts import services as accounts
from marketplace.accounts.models import User
from marketplace.catalogue.models import Product, Variant
from marketplace.catalogue.services import refresh_listings, set_listing_stock
from marketplace.inventory.models import StockItem
from tests.factories import base
from umkm.vendors.models import Vendor, VendorMember

ROLES = (
    "visitor", "buyer", "vendor_owner", "vendor_staff", "other_owner", "officer", "other_officer", "editor", "operator",
)  # fmt: skip
WORKS_IN_ADMIN = {"officer", "other_officer", "editor", "operator"}
# RFC 6238's own example secret; the demo's people have theirs.
TOTP_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def sign_in(client: Client, user: User, *, second_factor: bool = False) -> Client:
    """Sign `user` in; with `second_factor` as somebody who also gave the code of their app."""
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    if second_factor:
        accounts.set_second_factor(user=user, secret=TOTP_SECRET)
        session = client.session
        now = time.time()
        session["account_authentication_methods_user"] = user_id_to_str(user)
        session["account_authentication_methods"] = [
            {"method": "password", "at": now, "email": user.email},
            {"method": "mfa", "at": now, "type": Authenticator.Type.TOTP},
        ]
        session.save()
    return client


def make_vendor(owner: User, *, name: str, village_code: str) -> Vendor:
    place = base.village(village_code)
    vendor = Vendor.objects.create(
        slug=name.lower().replace(" ", "-"),
        name=name,
        agency=base.agency(place.regency_code),
        subsector=base.subsector(),
        village=place,
        opened_at=timezone.now(),
    )
    VendorMember.objects.create(vendor=vendor, user=owner, role=VendorMember.Role.OWNER)
    return vendor


def make_product(vendor: Vendor, *, slug: str, stock: int = 5) -> Product:
    product = Product.objects.create(
        vendor=vendor, slug=slug, name=slug.replace("-", " ").capitalize(), category=base.category(), live=True
    )
    variant = Variant.objects.create(product=product, price=15_000, weight_grams=200)
    StockItem.objects.create(variant=variant, on_hand=stock)
    refresh_listings(product_ids=[product.pk])
    set_listing_stock(product_id=product.pk, stock_left=stock)
    return product


@dataclass
class Scene:
    """Two businesses in two regions, with everyone who may or may not touch them.

    `vendor` (Kota Malang) belongs to `vendor_owner` and `vendor_staff` and is watched by `officer`; `other_vendor`
    (Kabupaten Malang) belongs to `other_owner` and is watched by `other_officer`. Each has one product on sale.
    """

    people: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for role in ROLES:
            if role != "visitor":
                self.people[role] = base.UserFactory(email=f"{role}@contoh.id", name=role.replace("_", " "))
        self.vendor = make_vendor(self.people["vendor_owner"], name="Keripik Bu Sri", village_code="35.73.01.1002")
        self.other_vendor = make_vendor(self.people["other_owner"], name="Kopi Dampit", village_code="35.07.24.1001")
        VendorMember.objects.create(vendor=self.vendor, user=self.people["vendor_staff"], role=VendorMember.Role.STAFF)
        self.product = make_product(self.vendor, slug="keripik-tempe-pedas")
        self.other_product = make_product(self.other_vendor, slug="kopi-dampit-bubuk")
        self.variant = self.product.variants.get()
        self.other_variant = self.other_product.variants.get()
        accounts.ensure_groups()
        accounts.appoint_officer(user=self.people["officer"], agency=self.vendor.agency)
        accounts.appoint_officer(user=self.people["other_officer"], agency=self.other_vendor.agency)
        accounts.appoint_editor(user=self.people["editor"])
        accounts.appoint_operator(user=self.people["operator"])

    def __getattr__(self, name: str) -> User:
        """`scene.buyer` and so on: the person of that role."""
        if name in self.__dict__.get("people", {}):
            return self.__dict__["people"][name]
        raise AttributeError(name)

    def client(self, role: str) -> Client:
        """A browser in which the person of this role is signed in; people of the admin with their second factor."""
        client = Client()
        return client if role == "visitor" else sign_in(client, self.people[role], second_factor=role in WORKS_IN_ADMIN)
