"""Shops that take transfers, orders that wait for them, and proofs."""

import io

import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from marketplace.installation.demo.codes import static_code
from marketplace.orders.models import Order, PaymentMethod
from marketplace.transfers.models import TransferRequest
from marketplace.transfers.services import request_transfers, save_account
from tests.factories.orders import make_order
from umkm.vendors.models import Vendor


def photo(*, name: str = "bukti.jpg", colour: str = "#c8c8c8") -> SimpleUploadedFile:
    """A photo as a phone sends it."""
    output = io.BytesIO()
    Image.new("RGB", (900, 1600), colour).save(output, "JPEG")
    return SimpleUploadedFile(name, output.getvalue(), content_type="image/jpeg")


def code_photo(*payloads: str) -> SimpleUploadedFile:
    """A photo of one or more QR codes side by side on a grey table."""
    ground = Image.new("RGB", (700 * max(len(payloads), 1), 800), "#b8b0a8")
    for position, payload in enumerate(payloads):
        output = io.BytesIO()
        segno.make(payload, error="m", micro=False).save(output, kind="png", scale=8, border=4)
        ground.paste(Image.open(output).convert("RGB").resize((560, 560)), (70 + 700 * position, 110))
    output = io.BytesIO()
    ground.save(output, "JPEG", quality=85)
    return SimpleUploadedFile("qris.jpg", output.getvalue(), content_type="image/jpeg")


def offer_transfer(vendor: Vendor, *, qris: bool = True) -> Vendor:
    """Let a shop be paid by transfer."""
    save_account(
        vendor=vendor,
        actor=vendor.members.get(role="owner").user,
        bank_name="Bank Contoh",
        account_number="1234567890",
        account_holder=vendor.name,
        qris_payload=static_code(name=vendor.name, city="MALANG", number=vendor.pk) if qris else "",
        is_offered=True,
    )
    return vendor


def transfer_order(items: list, **fields: object) -> Order:
    """A placed order for these variants whose shops are paid by transfer."""
    for vendor in {variant.product.vendor for variant, _quantity in items}:
        if not vendor.accepts_transfer:
            offer_transfer(vendor)
    order = make_order(items, method=PaymentMethod.MANUAL_TRANSFER, **fields)
    request_transfers(order=order)
    return order


def transfer_of(order: Order, vendor: Vendor) -> TransferRequest:
    """What this order's buyer owes this shop."""
    return TransferRequest.objects.get(suborder__order=order, suborder__vendor=vendor)
