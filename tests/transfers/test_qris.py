"""The shop's code: what is read, what is refused and why, and what the buyer's code then says."""

import pytest
from lokal.qris import parse_qris, qris_crc

from marketplace.core.exceptions import DomainError
from marketplace.installation.demo.codes import static_code
from marketplace.transfers import qris
from tests.factories.transfers import code_photo, photo

CODE = static_code(name="DAPUR TEMPE", city="MALANG", number=7)


def changed(old: str, new: str, payload: str = CODE) -> str:
    """The code with something replaced and its checksum made anew."""
    body = payload[:-4].replace(old, new)
    return body + qris_crc(body)


def test_a_photo_of_the_code_is_read():
    assert qris.read_photo(code_photo(CODE).read()) == CODE


def test_a_code_upside_down_is_read():
    from PIL import Image

    file = code_photo(CODE)
    turned = Image.open(file).rotate(180)
    import io

    output = io.BytesIO()
    turned.save(output, "JPEG")
    assert qris.read_photo(output.getvalue()) == CODE


@pytest.mark.parametrize(
    ("file", "code"), [(photo(), "qris.unreadable"), (code_photo(CODE, CODE + "x"), "qris.several")]
)
def test_a_photo_with_no_code_or_with_two_is_refused(file, code):
    with pytest.raises(DomainError) as refused:
        qris.read_photo(file.read())
    assert (refused.value.code, refused.value.field) == (code, "qris_photo")


def test_a_good_code_tells_whose_it_is():
    code = qris.check_code(CODE)
    assert (code.merchant_name, code.city, code.nmid) == ("DAPUR TEMPE", "MALANG", "ID9900000000007")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (CODE[:-1] + ("0" if CODE[-1] != "0" else "1"), "qris.invalid"),  # checksum
        (CODE.replace("DAPUR", "DAPVR"), "qris.invalid"),  # a letter changed, checksum left
        ("https://contoh.id", "qris.invalid"),
        (changed("5303360", "5303840"), "qris.invalid"),  # dollars
        (changed("ID.CO.QRIS.WWW", "SG.PAYNOW.XX.X"), "qris.no_nmid"),
        (changed("010211", "010212"), "qris.dynamic"),
    ],
)
def test_other_codes_are_refused(payload, reason):
    with pytest.raises(DomainError) as refused:
        qris.check_code(payload)
    assert refused.value.code == reason


def test_the_orders_amount_stands_in_the_buyers_code_and_nothing_else_changes():
    info = parse_qris(qris.with_amount(CODE, 57_500))
    assert info.valid
    assert (info.amount, info.type, info.nmid, info.merchant_name) == (
        "57500",
        "dynamic",
        "ID9900000000007",
        "DAPUR TEMPE",
    )
    assert info.tip is None


def test_the_drawn_code_can_be_scanned():
    svg = qris.picture(qris.with_amount(CODE, 57_500))
    assert svg.startswith("<svg")
    assert "style=" not in svg


@pytest.mark.parametrize(
    ("merchant", "known", "agree"),
    [
        ("DAPUR TEMPE", ["Dapur Tempe Sanan"], True),
        ("SITI AMINAH", ["Dapur Tempe", "Siti Aminah"], True),
        ("TÉMPE BU RĪA", ["Tempe Sanan"], True),
        ("CV ABC UD", ["CV Maju", "UD Jaya"], False),
        ("TOKO LAIN", ["Dapur Tempe", "Siti Aminah"], False),
    ],
)
def test_names_agree_on_a_telling_word(merchant, known, agree):
    assert qris.names_agree(merchant, *known) is agree
