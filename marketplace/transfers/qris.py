"""A shop's static QRIS code: read from its photo, checked, and given an order's amount.

A static code proves nothing about a payment; it only spares the buyer from typing account and amount. Parsing,
checksum and amount are lokal-id's (EMVCo merchant-presented TLV, of which QRIS is a profile); ZXing reads the photo.
"""

import io
import re
import unicodedata
from dataclasses import dataclass

import segno
import zxingcpp
from django.utils.translation import gettext as _
from lokal.qris import parse_qris, set_qris_amount
from PIL import Image

from marketplace.core.exceptions import DomainError

STATIC = "static"
# A word shorter than this (CV, UD, the) says nothing about whose code it is.
TELLING = 3
QR_CODES = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


@dataclass(frozen=True)
class ShopCode:
    """What stands in a shop's static code."""

    payload: str
    merchant_name: str
    city: str
    nmid: str


def read_photo(content: bytes) -> str:
    """The text of the QR code in a photo. Raises DomainError (field `qris_photo`) when there is none, or several."""
    with Image.open(io.BytesIO(content)) as picture:
        found = zxingcpp.read_barcodes(picture.convert("RGB"), formats=QR_CODES)
    texts = {code.text for code in found if code.text}
    if not texts:
        raise DomainError(
            _("No QR code can be read in this photo. Photograph the code from the front, in good light, all of it."),
            code="qris.unreadable",
            field="qris_photo",
        )
    if len(texts) > 1:
        raise DomainError(
            _("There are several QR codes in this photo. Photograph only the QRIS one."),
            code="qris.several",
            field="qris_photo",
        )
    return texts.pop()


def check_code(payload: str) -> ShopCode:
    """Check a shop's static code: form, checksum, rupiah, and that it is QRIS. Raises DomainError (`qris_photo`)."""
    info = parse_qris(payload.strip())
    if not info.valid:
        broken = any(issue.code in ("crc", "crc_missing") for issue in info.errors)
        raise DomainError(
            _("This code is damaged or was changed: its checksum is wrong. Photograph the original again.")
            if broken
            else _("This is a QR code, but not a QRIS code in rupiah. Choose the one from your bank or e-wallet."),
            code="qris.invalid",
            field="qris_photo",
        )
    if not info.nmid:
        raise DomainError(
            _("This payment code has no national merchant number (NMID), so it is not QRIS. Ask your bank for one."),
            code="qris.no_nmid",
            field="qris_photo",
        )
    if info.type != STATIC or info.amount:
        raise DomainError(
            _("This code is for one payment only. Upload the fixed one that hangs at your counter."),
            code="qris.dynamic",
            field="qris_photo",
        )
    return ShopCode(
        payload=payload.strip(),
        merchant_name=info.merchant_name or "",
        city=info.merchant_city or "",
        nmid=info.nmid,
    )


def with_amount(payload: str, amount: int) -> str:
    """The shop's code with this amount (whole rupiah) in it. No surcharge is ever added: QRIS forbids it."""
    return set_qris_amount(payload, amount)


def picture(payload: str) -> str:
    """The code as an SVG element to stand in a page."""
    # EMVCo asks for error correction M; a quiet zone of four modules is what scanners expect.
    return segno.make(payload, error="m", micro=False).svg_inline(border=4, omitsize=True, dark="#000", light="#fff")


def names_agree(merchant_name: str, *known: str) -> bool:
    """Whether the name in a code shares a telling word with one of the names we know for the shop."""
    mine = _words(merchant_name)
    return any(mine & _words(name) for name in known)


def _words(name: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return {word for word in re.findall(r"[a-z0-9]+", plain) if len(word) >= TELLING}
