"""Today, the list of products, price and stock, the shop and its team."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from marketplace.catalogue.models import Product
from marketplace.catalogue.services import archive_product
from marketplace.inventory.models import StockItem
from marketplace.inventory.services import set_stock
from marketplace.orders.models import Order, OrderLine, SubOrder, SubOrderEvent
from marketplace.outbox.models import OutboxMessage
from tests.factories.base import UserFactory
from tests.factories.catalogue import decide, draft_product, live_product, photo_bytes, submitted_product, upload
from tests.roles import make_vendor, sign_in
from umkm.vendors.models import Vendor, VendorInvitation, VendorMember

pytestmark = pytest.mark.django_db


def page(name: str, scene, *args: object) -> str:
    return reverse(f"portal:{name}", args=[scene.vendor.slug, *args])


def sold(
    vendor: Vendor, *, status: str = "confirmed", quantity: int = 2, price: int = 10_000, number: str = ""
) -> SubOrder:
    total = quantity * price
    number = number or f"LN-{Order.objects.count() + 1}"
    order = Order.objects.create(
        number=number,
        checkout_key=number,
        payment_method="cod",
        email="p@contoh.id",
        recipient_name="Sinta",
        items_total=total,
        total=total,
    )
    part = SubOrder.objects.create(
        order=order,
        vendor=vendor,
        status=status,
        delivery="pickup",
        items_total=total,
        gross=total,
        net=total,
        confirmed_at=timezone.now(),
    )
    OrderLine.objects.create(suborder=part, name="Stik tempe", unit_price=price, quantity=quantity, total=total)
    return part


# --- arriving ----------------------------------------------------------------------------------------------------
def test_only_shop_opens_at_once(scene, vendor_owner_client):
    response = vendor_owner_client.get(reverse("portal:home"))
    assert response.headers["Location"] == page("today", scene)


def test_several_shops_are_a_choice(scene, vendor_owner_client):
    second = make_vendor(scene.vendor_owner, name="Toko Kedua", village_code="35.73.02.1001")
    content = vendor_owner_client.get(reverse("portal:home")).content.decode()
    assert page("today", scene) in content
    assert reverse("portal:today", args=[second.slug]) in content
    assert scene.other_vendor.name not in content


def test_buyer_without_a_shop_is_shown_the_way(buyer_client):
    assert "/daftar-umkm/" in buyer_client.get(reverse("portal:home")).content.decode()


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("shop", ()),
        ("shipping-area", ()),
        ("order-step", (0,)),
        ("request-answer", (0,)),
        ("refund-offer", (0,)),
        ("transfer-refuse", (0,)),
        ("product-edit", (0,)),
        ("voucher-switch", (0,)),
        ("team-remove", (0,)),
    ],
)
def test_every_form_of_a_shop_counts_towards_one_throttle(scene, vendor_owner_client, settings, name, numbers):
    settings.RATELIMIT_ENABLE = True
    settings.THROTTLE_RATES = {"portal-save": "0/m"}
    assert vendor_owner_client.post(reverse(f"portal:{name}", args=[scene.vendor.slug, *numbers])).status_code == 429
    assert vendor_owner_client.get(page("today", scene)).status_code == 200, "reading is free"


def test_former_members_are_gone_and_a_closed_shop_stays(scene, vendor_staff_client, vendor_owner_client):
    VendorMember.objects.filter(user=scene.vendor_staff).update(is_active=False)
    assert vendor_staff_client.get(page("today", scene)).status_code == 404
    Vendor.objects.filter(pk=scene.vendor.pk).update(status=Vendor.Status.CLOSED)
    assert "Tokomu ditutup permanen." in vendor_owner_client.get(page("today", scene)).content.decode()


# --- today -------------------------------------------------------------------------------------------------------
def test_tasks_stand_by_urgency(scene, vendor_owner_client):
    sold(scene.vendor)
    sold(scene.vendor, quantity=5)
    sold(scene.vendor, status="packed")
    mended = decide(
        submitted_product(scene.vendor, scene.vendor_owner, name="Balado"),
        scene.officer,
        "reject",
        comment="Foto gelap.",
    )
    low = live_product(scene.vendor, scene.vendor_owner, scene.officer, name="Rumput Laut")
    set_stock(variant_id=low.variants.get().pk, on_hand=4, actor=None)
    draft_product(scene.vendor, scene.vendor_owner, name="Setengah jadi")
    tasks = vendor_owner_client.get(f"/en{page('today', scene)}").context["tasks"]
    assert [task.title for task in tasks] == [
        "Pack 2 orders",
        "Hand over 1 parcel",
        "Mend Balado",
        "Rumput Laut: 4 left",
        "Finish 1 draft",
    ]
    assert tasks[0].note == "7 pieces in all."
    assert tasks[2].note == "Foto gelap."
    assert str(mended.pk) in tasks[2].url


def test_other_shops_orders_are_not_seen(scene, vendor_owner_client):
    sold(scene.other_vendor, number="LN-RAHASIA")
    response = vendor_owner_client.get(page("today", scene))
    assert "LN-RAHASIA" not in response.content.decode()
    assert response.context["tasks"] == [] or all(
        "kemas" not in task.title.lower() for task in response.context["tasks"]
    )
    assert response.context["orders_waiting"] == 0


def test_week_counts_what_was_sold(scene, vendor_owner_client):
    sold(scene.vendor, price=50_000, quantity=1)
    sold(scene.vendor, status="cancelled", price=70_000)
    sold(scene.other_vendor, price=90_000)
    before = sold(scene.vendor, price=40_000, quantity=1)
    SubOrder.objects.filter(pk=before.pk).update(confirmed_at=timezone.now() - timedelta(days=8))
    week = vendor_owner_client.get(page("today", scene)).context["week"]
    assert week.total == 50_000
    assert week.change == 25
    assert [bar["height"] for bar in week.bars] == [2, 2, 2, 2, 2, 2, 84]


def test_parcels_packed_today_are_counted_as_done(scene, vendor_owner_client):
    part = sold(scene.vendor, status="packed")
    SubOrderEvent.objects.create(suborder=part, status="packed")
    SubOrderEvent.objects.create(suborder=part, status="packed", happened_at=timezone.now() - timedelta(days=2))
    SubOrderEvent.objects.create(suborder=sold(scene.other_vendor), status="packed")
    assert vendor_owner_client.get(page("today", scene)).context["done"] == 1


def test_today_asks_a_fixed_number_of_questions(scene, vendor_owner_client, count_queries):
    sold(scene.vendor)
    few = count_queries(vendor_owner_client, page("today", scene))
    for number in range(5):
        sold(scene.vendor, number=f"B-{number}")
        draft_product(scene.vendor, scene.vendor_owner, name=f"Draf {number}")
    assert count_queries(vendor_owner_client, page("today", scene)) == few == 19


# --- products ----------------------------------------------------------------------------------------------------
@pytest.fixture
def shelf(scene) -> dict[str, Product]:
    """A product in every state."""
    owner, officer = scene.vendor_owner, scene.officer
    Product.objects.filter(pk=scene.product.pk).delete()
    products = {
        "on_sale": live_product(scene.vendor, owner, officer, name="Dijual"),
        "in_review": submitted_product(scene.vendor, owner, name="Diperiksa"),
        "needs_changes": decide(
            submitted_product(scene.vendor, owner, name="Kembali"), officer, "reject", comment="Buram."
        ),
        "draft": draft_product(scene.vendor, owner, name="Draf"),
        "archived": live_product(scene.vendor, owner, officer, name="Arsip"),
    }
    archive_product(product_id=products["archived"].pk, actor=owner)
    return products


@pytest.mark.parametrize("state", ["on_sale", "in_review", "needs_changes", "draft", "archived"])
def test_list_by_state(scene, vendor_owner_client, shelf, state):
    response = vendor_owner_client.get(page("products", scene), {"status": state})
    assert [product.pk for product in response.context["page_obj"]] == [shelf[state].pk]


def test_list_shows_all_but_the_archived_with_the_reason(scene, vendor_owner_client, shelf):
    response = vendor_owner_client.get(page("products", scene))
    names = {product.name for product in response.context["page_obj"]}
    assert names == {"Dijual", "Diperiksa", "Kembali", "Draf"}
    assert "Buram." in response.content.decode()


@pytest.mark.parametrize(
    "query, found", [("dij", {"Dijual"}), ("  DRAF ", {"Draf"}), ("%", set()), ("' OR 1=1 --", set())]
)
def test_search_in_the_own_products(scene, vendor_owner_client, shelf, query, found):
    response = vendor_owner_client.get(page("products", scene), {"q": query})
    assert {product.name for product in response.context["page_obj"]} == found


def test_only_low_stock(scene, vendor_owner_client, shelf):
    set_stock(variant_id=shelf["on_sale"].variants.get().pk, on_hand=50, actor=None)
    response = vendor_owner_client.get(page("products", scene), {"stok": "tipis"})
    assert list(response.context["page_obj"]) == []


def test_unknown_state_and_page_are_no_error(scene, vendor_owner_client, shelf):
    response = vendor_owner_client.get(page("products", scene), {"status": "<script>", "page": "abc"})
    assert response.status_code == 200
    assert len(response.context["page_obj"].object_list) == 4


def test_list_asks_a_fixed_number_of_questions(scene, vendor_owner_client, count_queries, shelf):
    few = count_queries(vendor_owner_client, page("products", scene))
    for number in range(6):
        draft_product(scene.vendor, scene.vendor_owner, name=f"Draf {number}")
    assert count_queries(vendor_owner_client, page("products", scene)) == few == 8


def test_steps_by_button(scene, vendor_owner_client, shelf):
    draft = shelf["draft"]
    assert vendor_owner_client.post(page("product-submit", scene, draft.pk)).headers["Location"] == page(
        "products", scene
    )
    assert draft.workflow_in_progress
    vendor_owner_client.post(page("product-withdraw", scene, draft.pk))
    assert not draft.workflow_in_progress
    vendor_owner_client.post(page("product-restore", scene, shelf["archived"].pk))
    assert Product.objects.visible_products().filter(pk=shelf["archived"].pk).exists()
    vendor_owner_client.post(page("product-archive", scene, shelf["on_sale"].pk))
    assert not Product.objects.visible_products().filter(pk=shelf["on_sale"].pk).exists()


def test_price_and_stock_alone(scene, vendor_staff_client):
    product = live_product(scene.vendor, scene.vendor_owner, scene.officer)
    variant = product.variants.get()
    data = {
        "variant-TOTAL_FORMS": "1",
        "variant-INITIAL_FORMS": "1",
        "variant-0-variant_id": variant.pk,
        "variant-0-price": "22.500",
        "variant-0-stock": "30",
        "variant-0-stock_was": "0",
    }
    assert vendor_staff_client.post(page("product-stock", scene, product.pk), data).status_code == 302
    variant.refresh_from_db()
    assert (variant.price, variant.stock.on_hand) == (22_500, 30)
    row = Product.objects.get(pk=product.pk).listing
    assert (row.price_min, row.stock_left) == (22_500, 30)
    for field, value in (("price", "0"), ("price", "-1"), ("stock", "-1"), ("stock", "")):
        response = vendor_staff_client.post(
            page("product-stock", scene, product.pk), data | {f"variant-0-{field}": value}
        )
        assert response.status_code == 422
    assert StockItem.objects.get(variant=variant).on_hand == 30


def test_price_of_another_shops_variant_cannot_be_set(scene, vendor_owner_client):
    data = {
        "variant-TOTAL_FORMS": "1",
        "variant-INITIAL_FORMS": "1",
        "variant-0-variant_id": scene.other_variant.pk,
        "variant-0-price": "1",
        "variant-0-stock": "0",
        "variant-0-stock_was": "5",
    }
    vendor_owner_client.post(page("product-stock", scene, scene.product.pk), data)
    scene.other_variant.refresh_from_db()
    assert (scene.other_variant.price, scene.other_variant.stock.on_hand) == (15_000, 5)


# --- shop --------------------------------------------------------------------------------------------------------
SHOP = {"story": "Sejak 1998.", "address": "Jl. Sanan 1", "opening_hours": "08.00–17.00", "accepts_pickup": "on"}


def test_shop_says_something_of_itself(scene, vendor_staff_client):
    product = live_product(scene.vendor, scene.vendor_owner, scene.officer)
    data = {**SHOP, "avatar": upload(), "cover": upload(photo_bytes((1200, 400)))}
    assert vendor_staff_client.post(page("shop", scene), data).status_code == 302
    vendor = Vendor.objects.get(pk=scene.vendor.pk)
    assert (vendor.story, vendor.address, vendor.accepts_pickup) == ("Sejak 1998.", "Jl. Sanan 1", True)
    assert vendor.avatar
    assert vendor.cover.width == 1200
    assert Product.objects.get(pk=product.pk).listing.vendor_name == vendor.name


def test_refused_picture_changes_nothing_of_the_shop(scene, vendor_owner_client):
    response = vendor_owner_client.post(page("shop", scene), {**SHOP, "avatar": upload(b"bukan foto")})
    assert response.status_code == 422
    assert "avatar" in response.context["form"].errors
    assert "Sejak 1998." in response.content.decode()
    assert Vendor.objects.get(pk=scene.vendor.pk).story == ""


def test_pickup_needs_an_address(scene, vendor_owner_client):
    response = vendor_owner_client.post(page("shop", scene), {**SHOP, "address": ""})
    assert "address" in response.context["form"].errors


def test_suspended_shop_still_opens_and_says_why(scene, vendor_owner_client):
    Vendor.objects.filter(pk=scene.vendor.pk).update(status=Vendor.Status.SUSPENDED, status_reason="Izin habis.")
    assert "Izin habis." in vendor_owner_client.get(page("today", scene)).content.decode()


def test_only_an_open_shop_links_to_its_page_which_is_not_found_otherwise(scene, vendor_owner_client, client):
    address = scene.vendor.get_absolute_url()
    for name in ("today", "shop"):
        assert f'href="{address}"' in vendor_owner_client.get(page(name, scene)).content.decode()
    Vendor.objects.filter(pk=scene.vendor.pk).update(status=Vendor.Status.SUSPENDED, status_reason="Izin habis.")
    assert client.get(address).status_code == 404
    for name in ("today", "shop"):
        assert f'href="{address}"' not in vendor_owner_client.get(page(name, scene)).content.decode()


# --- team --------------------------------------------------------------------------------------------------------
def invite(client, scene, email: str = "baru@contoh.id"):
    return client.post(page("team-invite", scene), {"email": email})


def verified_user(email: str):
    user = UserFactory(email=email)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def test_invited_person_joins_as_staff(scene, vendor_owner_client, client):
    assert invite(vendor_owner_client, scene, "Baru@Contoh.id").status_code == 302
    invitation = VendorInvitation.objects.get()
    mail = OutboxMessage.objects.get(topic="notifications.mail", payload__kind="team_invitation")
    assert mail.payload["to"] == "baru@contoh.id"
    assert invitation.token in mail.payload["context"]["url"]
    sign_in(client, verified_user("baru@contoh.id"))
    url = reverse("portal:invitation", args=[invitation.token])
    assert client.get(url).context["is_mine"]
    assert client.post(url).headers["Location"] == page("today", scene)
    member = VendorMember.objects.get(user__email="baru@contoh.id")
    assert (member.vendor, member.role, member.is_active) == (scene.vendor, VendorMember.Role.STAFF, True)
    assert client.get(url).status_code == 404


def test_somebody_else_cannot_use_the_letter(scene, vendor_owner_client, buyer_client):
    invite(vendor_owner_client, scene)
    url = reverse("portal:invitation", args=[VendorInvitation.objects.get().token])
    assert buyer_client.get(url).context["is_mine"] is False
    buyer_client.post(url)
    assert not VendorMember.objects.filter(user=scene.buyer).exists()


def test_address_that_was_never_verified_does_not_count(scene, vendor_owner_client, client):
    invite(vendor_owner_client, scene)
    user = UserFactory(email="baru@contoh.id")
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    sign_in(client, user)
    client.post(reverse("portal:invitation", args=[VendorInvitation.objects.get().token]))
    assert not VendorMember.objects.filter(user=user).exists()


def test_letter_ends_by_time_by_withdrawal_and_with_its_writer(scene, vendor_owner_client, client):
    sign_in(client, verified_user("baru@contoh.id"))
    invite(vendor_owner_client, scene)
    invitation = VendorInvitation.objects.get()
    url = reverse("portal:invitation", args=[invitation.token])
    VendorInvitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(url).status_code == 404
    VendorInvitation.objects.update(expires_at=timezone.now() + timedelta(days=1))
    VendorMember.objects.filter(user=scene.vendor_owner).update(is_active=False)
    client.post(url)
    assert not VendorMember.objects.filter(user__email="baru@contoh.id").exists()
    VendorMember.objects.filter(user=scene.vendor_owner).update(is_active=True)
    vendor_owner_client.post(page("team-withdraw", scene, invitation.pk))
    assert client.post(url).status_code == 404


def test_second_letter_replaces_the_first(scene, vendor_owner_client):
    invite(vendor_owner_client, scene)
    first = VendorInvitation.objects.get().token
    invite(vendor_owner_client, scene)
    assert VendorInvitation.objects.get().token != first


@pytest.mark.parametrize("email", ["", "bukan-email", "vendor_staff@contoh.id"])
def test_invitation_that_makes_no_sense_is_explained(scene, vendor_owner_client, email):
    response = invite(vendor_owner_client, scene, email)
    assert response.status_code == 422
    assert "email" in response.context["form"].errors
    assert not VendorInvitation.objects.exists()


def test_staff_see_the_team_but_not_the_letters(scene, vendor_owner_client, vendor_staff_client):
    invite(vendor_owner_client, scene)
    content = vendor_staff_client.get(page("team", scene)).content.decode()
    assert "vendor_owner@contoh.id" in content
    assert "baru@contoh.id" not in content
    assert invite(vendor_staff_client, scene, "lain@contoh.id").status_code == 403
    assert VendorInvitation.objects.count() == 1


def test_owner_removes_staff_but_not_the_last_owner(scene, vendor_owner_client, vendor_staff_client):
    staff = scene.vendor.members.get(user=scene.vendor_staff)
    vendor_owner_client.post(page("team-remove", scene, staff.pk))
    assert vendor_staff_client.get(page("today", scene)).status_code == 404
    vendor_owner_client.post(page("team-remove", scene, scene.vendor.members.get(user=scene.vendor_owner).pk))
    assert vendor_owner_client.get(page("today", scene)).status_code == 200


@pytest.mark.parametrize("name", ["team", "shop"])
def test_other_pages_ask_a_fixed_number_of_questions(scene, vendor_owner_client, count_queries, name):
    few = count_queries(vendor_owner_client, page(name, scene))
    for number in range(4):
        VendorMember.objects.create(vendor=scene.vendor, user=UserFactory(), role=VendorMember.Role.STAFF)
        invite(vendor_owner_client, scene, f"p{number}@contoh.id")
    assert count_queries(vendor_owner_client, page(name, scene)) == few == {"team": 7, "shop": 6}[name]
