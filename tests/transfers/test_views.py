"""The pages of direct transfers: buyer, shop, operator."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from marketplace.audit.models import AuditEvent
from marketplace.installation.demo.codes import static_code
from marketplace.inventory.models import StockItem
from marketplace.orders.models import Order, SubOrder
from marketplace.transfers.models import TransferAccount, TransferProof, TransferRequest
from marketplace.transfers.services import send_proof
from tests.factories.transfers import code_photo, offer_transfer, photo, transfer_of, transfer_order
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db
DETAIL_QUERIES, LIST_QUERIES = 7, 10


@pytest.fixture(autouse=True)
def stocked(scene):
    StockItem.objects.update(on_hand=200)


@pytest.fixture
def order(scene):
    return transfer_order([(scene.variant, 2), (scene.other_variant, 1)])


@pytest.fixture
def transfer(order, scene):
    return transfer_of(order, scene.vendor)


def address(name, order, *rest) -> str:
    return reverse(f"transfers:{name}", args=[order.number, order.token, *rest])


def text_of(response) -> str:
    return response.content.decode()


# --- buyer -------------------------------------------------------------------------------------------------------
def test_the_buyer_sees_whom_to_pay_what(client, order):
    page = text_of(client.get(address("detail", order)))
    assert "Keripik Bu Sri" in page
    assert "Kopi Dampit" in page
    assert "Rp40.000" in page
    assert "1234567890" in page
    assert page.count('class="segno"') == 2
    assert address("detail", order) in text_of(client.get(order.get_absolute_url()))


def test_the_page_costs_the_same_for_any_number_of_shops(client, scene, order, django_assert_num_queries):
    one = transfer_order([(scene.variant, 1)])
    client.get(address("detail", one))
    for placed in (one, order):
        with django_assert_num_queries(DETAIL_QUERIES):
            client.get(address("detail", placed))


def test_a_proof_is_kept_privately_and_only_the_order_opens_it(client, order, transfer, settings):
    response = client.post(
        address("send-proof", order, transfer.pk),
        {f"t{transfer.pk}-file": photo(), f"t{transfer.pk}-sender_name": "Budi"},
    )
    assert response.status_code == 302
    proof = TransferProof.objects.get()
    assert proof.sender_name == "Budi"
    shown = client.get(address("proof", order, proof.pk))
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["Cache-Control"] == "private, no-store"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert str(settings.MEDIA_ROOT) not in proof.file.path
    other = transfer_order([(transfer.suborder.lines.get().variant, 1)])
    assert client.get(address("proof", other, proof.pk)).status_code == 404


def test_a_refused_file_stands_at_its_field_and_keeps_the_name(client, order, transfer):
    from django.core.files.uploadedfile import SimpleUploadedFile

    response = client.post(
        address("send-proof", order, transfer.pk),
        {
            f"t{transfer.pk}-file": SimpleUploadedFile("bukti.jpg", b"bukan foto"),
            f"t{transfer.pk}-sender_name": "Budi Santoso",
        },
    )
    assert response.status_code == 422
    assert "Budi Santoso" in text_of(response)
    assert TransferProof.objects.count() == 0


def test_the_buyer_calls_one_shop_off_and_the_rest_stays(client, scene, order, transfer):
    assert client.post(address("call-off", order, transfer.pk)).status_code == 302
    statuses = dict(order.suborders.values_list("vendor_id", "status"))
    assert statuses == {scene.vendor.pk: SubOrder.Status.CANCELLED, scene.other_vendor.pk: SubOrder.Status.PENDING}
    client.post(address("call-off", order, transfer_of(order, scene.other_vendor).pk))
    assert Order.objects.get(pk=order.pk).status == Order.Status.EXPIRED


def test_nothing_is_called_off_while_the_shop_checks(client, order, transfer):
    send_proof(request_id=transfer.pk, file=photo())
    client.post(address("call-off", order, transfer.pk))
    transfer.refresh_from_db()
    assert transfer.status == TransferRequest.Status.CHECKING


# --- shop --------------------------------------------------------------------------------------------------------
def portal(name, scene, *rest) -> str:
    return reverse(f"portal:{name}", args=[scene.vendor.slug, *rest])


def test_the_shop_sees_looks_and_confirms(vendor_staff_client, scene, transfer):
    proof = send_proof(request_id=transfer.pk, file=photo())
    assert portal("transfers", scene) in text_of(vendor_staff_client.get(portal("today", scene)))
    page = text_of(vendor_staff_client.get(portal("transfers", scene)))
    assert portal("transfer-proof", scene, proof.pk) in page
    assert vendor_staff_client.get(portal("transfer-proof", scene, proof.pk)).status_code == 200
    assert AuditEvent.objects.filter(action="transfers.proof_viewed", actor=scene.vendor_staff).count() == 1
    response = vendor_staff_client.post(portal("transfer-confirm", scene, transfer.pk))
    assert response.url == portal("order", scene, transfer.suborder_id)
    assert SubOrder.objects.get(pk=transfer.suborder_id).status == SubOrder.Status.CONFIRMED


def test_the_shops_list_costs_the_same_for_any_number(vendor_owner_client, scene, transfer, django_assert_num_queries):
    send_proof(request_id=transfer.pk, file=photo())
    vendor_owner_client.get(portal("transfers", scene))
    for _number in range(2):
        with django_assert_num_queries(LIST_QUERIES):
            vendor_owner_client.get(portal("transfers", scene))
        for _order in range(2):
            more = transfer_of(transfer_order([(scene.variant, 1)]), scene.vendor)
            send_proof(request_id=more.pk, file=photo())


def test_a_refusal_needs_its_reason(vendor_owner_client, scene, transfer):
    send_proof(request_id=transfer.pk, file=photo())
    assert vendor_owner_client.post(portal("transfer-refuse", scene, transfer.pk)).status_code == 422
    data = {f"t{transfer.pk}-reason": "Belum masuk"}
    assert vendor_owner_client.post(portal("transfer-refuse", scene, transfer.pk), data).status_code == 302
    assert TransferProof.objects.get().reason == "Belum masuk"


METHODS = {"accepts_cod": "on", "cod_limit": "250000", "is_offered": "on"}


def test_the_owner_sets_how_buyers_pay(vendor_owner_client, scene):
    data = METHODS | {"qris_photo": code_photo(static_code(name="KERIPIK SRI", city="MALANG", number=1))}
    assert vendor_owner_client.post(portal("payment-methods", scene), data).status_code == 302
    vendor = Vendor.objects.get(pk=scene.vendor.pk)
    assert (vendor.accepts_cod, vendor.cod_limit, vendor.accepts_transfer) == (True, 250_000, True)
    assert TransferAccount.objects.get(vendor=vendor).qris_name == "KERIPIK SRI"
    assert "KERIPIK SRI" in text_of(vendor_owner_client.get(portal("payment-methods", scene)))


def test_a_code_with_a_strange_name_must_be_agreed_to(vendor_owner_client, scene):
    def data():
        return METHODS | {"qris_photo": code_photo(static_code(name="TOKO LAIN", city="BATU", number=2))}

    response = vendor_owner_client.post(portal("payment-methods", scene), data())
    assert response.status_code == 422
    assert "TOKO LAIN" in text_of(response)
    assert 'name="name_is_right"' in text_of(response)
    assert not TransferAccount.objects.exists()
    agreed = data() | {"name_is_right": "on"}
    assert vendor_owner_client.post(portal("payment-methods", scene), agreed).status_code == 302
    assert TransferAccount.objects.get().qris_name == "TOKO LAIN"


def test_every_fault_of_code_and_account_is_told_at_once(vendor_owner_client, scene):
    empty_photo = SimpleUploadedFile("kode.jpg", b"not a photo at all", content_type="image/jpeg")
    data = METHODS | {"qris_photo": empty_photo, "bank_name": "Bank Contoh", "account_number": "12ab"}
    response = vendor_owner_client.post(portal("payment-methods", scene), data)
    assert response.status_code == 422
    errors = response.context["form"].errors
    assert set(errors) == {"qris_photo", "account_number", "account_holder"}
    assert "JPG atau PNG" in errors["qris_photo"][0]
    assert errors["account_number"] == ["Tulis angka saja."]
    assert 'value="12ab"' in text_of(response)
    assert not TransferAccount.objects.exists()


def test_a_pdf_is_no_photo_of_a_code(vendor_owner_client, scene):
    page = io.BytesIO()
    Image.new("RGB", (80, 80), "white").save(page, "PDF")
    pdf = SimpleUploadedFile("kode.pdf", page.getvalue(), content_type="application/pdf")
    response = vendor_owner_client.post(portal("payment-methods", scene), METHODS | {"qris_photo": pdf})
    assert response.status_code == 422
    assert response.context["form"].errors["qris_photo"] == ["Ini PDF. Pilih foto kodenya, JPG atau PNG."]


def test_taking_the_code_off_keeps_the_account(vendor_owner_client, scene):
    offer_transfer(scene.vendor)
    data = METHODS | {
        "remove_qris": "on",
        "bank_name": "Bank Contoh",
        "account_number": "1234567890",
        "account_holder": "Sri",
    }
    assert vendor_owner_client.post(portal("payment-methods", scene), data).status_code == 302
    account = TransferAccount.objects.get()
    assert (account.qris_payload, account.account_number) == ("", "1234567890")


# --- operator ----------------------------------------------------------------------------------------------------
def test_an_operator_decides_what_the_shop_did_not(operator_client, scene, transfer):
    send_proof(request_id=transfer.pk, file=photo())
    queue = reverse("transfers_admin:queue")
    assert transfer.suborder.order.number not in text_of(operator_client.get(queue))
    TransferRequest.objects.filter(pk=transfer.pk).update(escalated_at=timezone.now())
    assert transfer.suborder.order.number in text_of(operator_client.get(queue))
    answer = reverse("transfers_admin:answer", args=[transfer.pk])
    operator_client.post(answer, {"reason": ""})
    transfer.refresh_from_db()
    assert transfer.status == TransferRequest.Status.CHECKING
    operator_client.post(answer, {"confirm": "1"})
    transfer.refresh_from_db()
    assert transfer.status == TransferRequest.Status.CONFIRMED
    assert TransferProof.objects.get().answered_by == scene.people["operator"]
