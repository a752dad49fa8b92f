"""A person sees, takes along and erases what the site keeps about them; the books and decisions stay without a name."""

import json
import time

import pytest
from allauth.account.internal.userkit import user_id_to_str
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.accounts import services
from marketplace.accounts.models import User
from marketplace.accounts.own_data import erase_person, export_person
from marketplace.accounts.privacy import Holding, all_holdings, blockers_of, holdings, register_holding
from marketplace.audit.models import AuditEvent
from marketplace.carts.models import Cart
from marketplace.carts.services import add_to_cart
from marketplace.core.exceptions import DomainError
from marketplace.notifications.models import Notification
from marketplace.notifications.services import notify
from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.orders.services import confirm_unpaid, expire, mark_paid
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import process_due
from marketplace.payments.models import PaymentAttempt, WebhookEvent
from tests.factories import base, registration, verification
from tests.factories.orders import make_order
from tests.factories.vendors import VendorIdentityFactory
from umkm.registration.models import ApplicationRound, LegalDocument, VendorApplication
from umkm.vendors.models import Vendor, VendorInvitation, VendorMember
from umkm.vendors.services import suspend_vendor
from umkm.verification.services import claim_case

pytestmark = pytest.mark.django_db
PAGE, COPY, ERASE = "/akun/privasi/", "/akun/privasi/unduh/", "/akun/privasi/hapus/"


@pytest.fixture
def rina(db) -> User:
    user = services.register_person(email="rina@example.com", name="Rina Ayu", password=base.PASSWORD)
    services.update_profile(user=user, name="Rina Ayu", phone="+6281234567890", language="id")
    return user


@pytest.fixture
def rina_client(client, rina):
    """Rina, who gave her password again just now."""
    client.force_login(rina, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods_user"] = user_id_to_str(rina)
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()
    return client


def finished_order(variant, buyer=None, **fields) -> Order:
    order = make_order([(variant, 1)], buyer=buyer, **fields)
    mark_paid(order_id=order.pk)
    SubOrder.objects.filter(order=order).update(status=SubOrder.Status.COMPLETED)
    return order


def everything_stored() -> str:
    """The person's account and every text that other tables keep of people, as one string."""
    tables = (
        "accounts_user",
        "account_emailaddress",
        "notifications_notification",
        "orders_order",
        "payments_paymentattempt",
        "payments_webhookevent",
        "registration_vendorapplication",
        "vendors_vendorinvitation",
    )
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


# --- seeing ------------------------------------------------------------------------------------------------------
def test_the_page_names_everything_that_is_kept(rina_client):
    html = rina_client.get(PAGE).content.decode()
    for holding in all_holdings():
        assert str(holding.label).split(":")[0] in html
    assert COPY in html
    assert ERASE in html
    assert PAGE in rina_client.get("/akun/").content.decode()


def test_every_slice_that_keeps_something_takes_part():
    assert {holding.key for holding in all_holdings()} >= {
        "account", "businesses", "registrations", "checks", "form_answers", "orders", "payments", "basket", "news",
    }  # fmt: skip


def test_two_slices_cannot_take_the_same_key():
    with pytest.raises(ValueError, match="orders"):
        register_holding(Holding(key="orders", label="x", export=lambda user: [], erase=lambda user: None))
    assert holdings["orders"].label != "x"


def test_the_page_asks_a_fixed_number_of_questions(rina, rina_client, scene):
    def queries() -> int:
        rina_client.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            assert rina_client.get(PAGE).status_code == 200
        return len(captured)

    registration.send(registration.draft(owner=rina))
    few = queries()
    for _number in range(3):
        registration.send(registration.draft(owner=rina))
        finished_order(scene.variant, rina)
    assert queries() == few


def test_consents_are_listed_with_the_way_to_take_them_back(rina, rina_client):
    application = registration.send(registration.draft(owner=rina))
    html = rina_client.get(PAGE).content.decode()
    assert application.code in html
    assert application.get_absolute_url() in html


# --- taking along ------------------------------------------------------------------------------------------------
def test_the_copy_holds_everything_in_clear(rina, rina_client, scene):
    application = registration.send(registration.draft(owner=rina))
    order = finished_order(scene.variant, rina)
    add_to_cart(cart=None, user=rina, variant_id=scene.variant.pk, quantity=2)
    VendorMember.objects.create(vendor=scene.vendor, user=rina, role=VendorMember.Role.STAFF)

    response = rina_client.get(COPY)

    assert "attachment" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    data = json.loads(response.content)
    assert (data["account"]["email"], data["account"]["phone"]) == ("rina@example.com", "+6281234567890")
    assert data["orders"][0]["number"] == order.number
    assert data["orders"][0]["shops"][0]["lines"][0]["quantity"] == 1
    assert data["registrations"][0]["answers"]["nik"] == "3573014501800001"
    assert {paper["kind"] for paper in data["registrations"][0]["papers"]} == {"KTP pemilik", "NIB"}
    assert data["registrations"][0]["code"] == application.code
    assert data["basket"][0]["quantity"] == 2
    assert data["businesses"][0] == {"business": scene.vendor.name, "role": "staff", "active": True}
    assert AuditEvent.objects.filter(action="accounts.data_exported", actor=rina).count() == 1


def test_a_staff_member_gets_nothing_of_the_owners_identity(scene):
    VendorIdentityFactory(vendor=scene.vendor)
    assert "3573014501800001" not in json.dumps(export_person(user=scene.vendor_staff))
    assert "3573014501800001" in json.dumps(export_person(user=scene.vendor_owner))


def test_orders_as_a_guest_with_the_own_address_belong_to_the_copy(rina, scene):
    guest = finished_order(scene.variant, email="Rina@example.com")
    other = finished_order(scene.variant, email="orang-lain@example.com")
    numbers = {row["number"] for row in export_person(user=rina)["orders"]}
    assert guest.number in numbers
    assert other.number not in numbers


def test_the_copy_asks_for_the_password_again(client, rina):
    client.force_login(rina, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.get(COPY)
    assert response.status_code == 302
    assert "reauthenticate" in response["Location"]
    assert not AuditEvent.objects.filter(action="accounts.data_exported").exists()


# --- erasing -----------------------------------------------------------------------------------------------------
def test_erasing_leaves_the_books_and_no_trace_of_the_person(rina, rina_client, scene):
    order = finished_order(scene.variant, rina)
    PaymentAttempt.objects.create(
        order=order, provider="stripe", method="stripe", amount=order.total, request_json={"customer_email": rina.email}
    )
    WebhookEvent.objects.create(
        provider="stripe", event_id="evt_1", kind="x", body=json.dumps({"email": rina.email, "amount": 5})
    )
    add_to_cart(cart=None, user=rina, variant_id=scene.variant.pk, quantity=1)
    notify(user=rina, kind="vendor_reopened", context={"shop": "Toko", "reason": "", "agency": "Dinas"})
    process_due()
    mail.outbox.clear()
    old_address = order.get_absolute_url()

    response = rina_client.post(ERASE, {"confirmation": "RINA@example.com"})

    assert (response.status_code, response["Location"]) == (302, "/")
    assert rina_client.get("/akun/").status_code == 302
    assert not rina_client.login(username="rina@example.com", password=base.PASSWORD)
    erased = User.objects.get(pk=rina.pk)
    assert (erased.is_active, erased.phone, erased.has_usable_password()) == (False, None, False)
    stored = everything_stored()
    assert "rina@example.com" not in stored.lower()
    assert "Rina Ayu" not in stored
    order.refresh_from_db()
    assert (order.buyer, order.phone, order.address, order.total) == (None, None, "", 25_000)
    assert rina_client.get(old_address).status_code == 404
    assert not Cart.objects.filter(user=rina).exists()
    assert not Notification.objects.filter(user=rina).exists()
    assert not EmailAddress.objects.filter(user=rina).exists()
    assert AuditEvent.objects.filter(action="accounts.erased", target_id=str(rina.pk)).count() == 1
    process_due()
    assert [message.to for message in mail.outbox] == [["rina@example.com"]]
    assert not OutboxMessage.objects.filter(payload__icontains="rina@example.com").exists()


def test_a_second_erasure_changes_nothing(rina):
    erase_person(user_id=rina.pk)
    erase_person(user_id=rina.pk)
    assert AuditEvent.objects.filter(action="accounts.erased").count() == 1


def test_the_address_can_be_used_for_a_new_account(rina):
    erase_person(user_id=rina.pk)
    again = services.register_person(email="rina@example.com", name="Rina", password=base.PASSWORD)
    assert again.pk != rina.pk


def test_another_address_erases_nothing(rina, rina_client):
    response = rina_client.post(ERASE, {"confirmation": "orang-lain@example.com"})
    assert response.status_code == 422
    assert User.objects.get(pk=rina.pk).is_active


def test_erasing_asks_for_the_password_again(client, rina):
    client.force_login(rina, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(ERASE).status_code == 200
    response = client.post(ERASE, {"confirmation": rina.email})
    assert "reauthenticate" in response["Location"]
    assert User.objects.get(pk=rina.pk).is_active


def refused(user: User) -> str:
    """Why `user` cannot be erased; and nothing of them is."""
    with pytest.raises(DomainError) as error:
        erase_person(user_id=user.pk)
    assert User.objects.get(pk=user.pk).email == user.email
    return str(error.value.message)


def test_an_order_under_way_stands_in_the_way(rina, rina_client, scene):
    order = make_order([(scene.variant, 1)], buyer=rina, method=PaymentMethod.COD)
    assert refused(rina)
    confirm_unpaid(order_id=order.pk)
    assert refused(rina)
    page = rina_client.get(ERASE).content.decode()
    assert f'href="{reverse("orders:mine")}"' in page.split("<h1", 1)[1].split("</section>", 1)[0]
    assert 'name="confirmation"' not in page
    assert rina_client.post(ERASE, {"confirmation": rina.email}).status_code == 422
    order.refresh_from_db()
    assert order.buyer == rina


def test_an_order_that_expired_does_not(rina, scene):
    order = make_order([(scene.variant, 1)], buyer=rina)
    expire(order_id=order.pk)
    assert blockers_of(rina) == []


def test_an_open_shop_stands_in_the_way_and_says_whom_to_ask(scene):
    scene.vendor.agency.__class__.objects.filter(pk=scene.vendor.agency_id).update(email="dinas@example.go.id")
    reason = refused(scene.vendor_owner)
    assert scene.vendor.name in reason
    assert "dinas@example.go.id" in reason


def test_a_suspended_shop_with_orders_to_send_waits_for_them(scene):
    order = make_order([(scene.variant, 1)])
    mark_paid(order_id=order.pk)
    suspend_vendor(vendor_id=scene.vendor.pk, actor=scene.officer, reason="Diminta pemilik.")
    assert refused(scene.vendor_owner)
    SubOrder.objects.filter(order=order).update(status=SubOrder.Status.COMPLETED)
    assert blockers_of(scene.vendor_owner) == []


def test_an_erased_owner_leaves_a_closed_shop_that_forgets_them(scene):
    identity = VendorIdentityFactory(vendor=scene.vendor)
    VendorInvitation.objects.create(
        vendor=scene.other_vendor, email=scene.vendor_owner.email, token="t" * 20,
        invited_by=scene.other_owner, expires_at=scene.vendor.opened_at,
    )  # fmt: skip
    suspend_vendor(vendor_id=scene.vendor.pk, actor=scene.officer, reason="Diminta pemilik.")

    erase_person(user_id=scene.vendor_owner.pk)

    scene.vendor.refresh_from_db()
    identity.refresh_from_db()
    assert scene.vendor.status == Vendor.Status.CLOSED
    assert (identity.owner_name, identity.nik, identity.phone) == ("", None, None)
    assert not VendorMember.objects.filter(user=scene.vendor_owner, is_active=True).exists()
    assert not VendorInvitation.objects.filter(email=scene.vendor_owner.email).exists()


def test_a_shop_with_another_owner_goes_on(scene):
    VendorMember.objects.create(vendor=scene.vendor, user=scene.buyer, role=VendorMember.Role.OWNER)
    suspend_vendor(vendor_id=scene.vendor.pk, actor=scene.officer, reason="Diminta pemilik.")
    VendorIdentityFactory(vendor=scene.vendor)
    erase_person(user_id=scene.vendor_owner.pk)
    scene.vendor.refresh_from_db()
    assert scene.vendor.status == Vendor.Status.SUSPENDED
    assert scene.vendor.identity.owner_name == "Sri Wahyuni"


def test_staff_just_leave_the_team(scene):
    erase_person(user_id=scene.vendor_staff.pk)
    scene.vendor.refresh_from_db()
    assert scene.vendor.is_open
    assert not VendorMember.objects.get(user=scene.vendor_staff).is_active


@pytest.mark.parametrize("role", ["officer", "editor", "operator"])
def test_people_of_the_admin_give_back_their_role_first(scene, role):
    assert refused(getattr(scene, role))


def test_a_registration_that_is_being_checked_stands_in_the_way(rina):
    application = registration.send(registration.draft(owner=rina))
    assert application.code in refused(rina)


def test_a_draft_goes_with_its_papers(rina, django_capture_on_commit_callbacks):
    draft = registration.draft(owner=rina)
    storage, names = None, []
    for paper in draft.documents.all():
        storage = paper.file.storage
        names.append(paper.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(user_id=rina.pk)
    assert not VendorApplication.objects.filter(pk=draft.pk).exists()
    assert not LegalDocument.objects.exists()
    assert not any(storage.exists(name) for name in names)


def test_a_decided_registration_keeps_the_decision_without_the_person(rina, ratna_as_officer):
    application = registration.send(registration.draft(owner=rina))
    claim_case(application_id=application.pk, officer=ratna_as_officer)
    decision = verification.approve(application, ratna_as_officer)
    vendor = VendorApplication.objects.get(pk=application.pk).vendor
    suspend_vendor(vendor_id=vendor.pk, actor=ratna_as_officer.user, reason="Diminta pemilik.")

    erase_person(user_id=rina.pk)

    application.refresh_from_db()
    decision.refresh_from_db()
    assert decision.outcome == "approved"
    assert (application.owner_name, application.nik, application.phone, application.address) == ("", None, None, "")
    assert application.name
    kept = ApplicationRound.objects.get(application=application).as_submitted
    assert kept["fields"]["nik"] == ""
    assert kept["fields"]["name"] == application.name
    assert "ktp" not in kept["documents"]
    assert set(application.documents.values_list("kind__slug", flat=True)) == {"nib"}


@pytest.fixture
def ratna_as_officer(db):
    services.ensure_groups()
    officer = verification.officer()
    services.appoint_officer(user=officer.user, agency=officer.agency)
    return officer
