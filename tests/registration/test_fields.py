"""Numbers that people type, with the words they read when one is wrong."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from marketplace.reference.models import Kbli
from tests.factories import registration
from umkm.registration.fields import (
    KbliField,
    NibField,
    NikField,
    NpwpField,
    PositionField,
    RupiahField,
    clean_document_number,
)

HOSTILE = ["<script>alert(1)</script>", "1' OR '1'='1", "'; DROP TABLE users; --", "𝟏𝟐𝟑"]


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


def message(field, text: str) -> str:
    with pytest.raises(ValidationError) as caught:
        field.clean(text)
    return " ".join(caught.value.messages)


def test_nik_is_cleaned_to_its_digits():
    assert NikField().clean(" 3573 0145-0180.0001 ") == "3573014501800001"


def test_a_nik_of_another_region_is_as_good_as_any():
    assert NikField().clean("3201011508950001") == "3201011508950001"


@pytest.mark.parametrize(
    "text, words",
    [
        ("357301450180001", "Only 15 digits. An NIK has 16."),
        ("35730145018000011", "17 digits are too many. An NIK has 16."),
        ("9973014501800001", "name no province"),
        ("3573019901800001", "no date of birth"),
        ("35730145018000AB", "digits only"),
    ],
)
def test_what_is_wrong_with_a_nik_is_said(text: str, words: str):
    assert words in message(NikField(), text)


def test_nib_has_thirteen_digits():
    assert NibField().clean("0000000000017") == "0000000000017"
    assert "Only 12 digits. An NIB has 13." in message(NibField(), "000000000001")


@pytest.mark.parametrize("text", ["12.345.678.9-652.000", "123456789652000", "0123456789652000"])
def test_npwp_old_and_new_become_the_sixteen_digits(text: str):
    assert NpwpField().clean(text) == "0123456789652000"


def test_npwp_with_another_length_is_refused():
    assert "12 digits" in message(NpwpField(), "123456789012")


@pytest.mark.parametrize(
    "text, amount", [("120 juta", 120_000_000), ("120.000.000", 120_000_000), ("1,5 M", 1_500_000_000)]
)
def test_amounts_as_people_write_them(text: str, amount: int):
    assert RupiahField(required=False).clean(text) == amount


@pytest.mark.parametrize("text", ["banyak", "-5", "60 M", *HOSTILE[:2]])
def test_amounts_that_cannot_be(text: str):
    assert message(RupiahField(required=False), text)


@pytest.mark.parametrize("field", [NikField(), NibField(), NpwpField(), PositionField()])
@pytest.mark.parametrize("text", HOSTILE)
def test_html_and_sql_are_refused_as_numbers(field, text: str):
    assert message(field, text)


def test_position_as_a_map_gives_it():
    assert PositionField().clean("-7.954127, 112.6444621") == (Decimal("-7.954127"), Decimal("112.644462"))


@pytest.mark.parametrize("text", ["-6.2, 106.8", "112.64, -7.95", "-7.95", "91.5, 500.5"])
def test_position_elsewhere_is_refused(text: str):
    assert message(PositionField(), text)


@pytest.mark.django_db
class TestKbli:
    @pytest.fixture(autouse=True)
    def codes(self):
        for version in (2020, 2025):
            Kbli.objects.get_or_create(
                code="10794", version=version, defaults={"title": "Industri kerupuk dan keripik"}
            )

    def test_the_newest_version_counts(self):
        assert KbliField().clean("10794").version == 2025

    def test_the_named_version_counts(self):
        assert KbliField().clean("10794 Industri kerupuk dan keripik (2020)").version == 2020

    def test_a_title_does_too(self):
        assert KbliField().clean("industri kerupuk DAN keripik").code == "10794"

    @pytest.mark.parametrize("text", ["99999", *HOSTILE])
    def test_what_is_not_in_the_list_is_refused(self, text: str):
        assert "not in the list" in message(KbliField(), text)


@pytest.mark.django_db
class TestDocumentNumbers:
    def test_pirt_gets_its_usual_form(self):
        pirt = registration.kind("pirt")
        assert clean_document_number(pirt, "2063573010001 31") == "2063573010001-31"
        assert clean_document_number(pirt, "2063573010001-31") == "2063573010001-31"

    def test_pirt_with_fourteen_digits_is_refused(self):
        with pytest.raises(ValidationError, match="14 digits"):
            clean_document_number(registration.kind("pirt"), "20635730100013")

    def test_halal_is_written_in_one_piece(self):
        assert clean_document_number(registration.kind("halal"), "id 3511 0000 12345 1126") == "ID35110000123451126"

    def test_a_decree_is_no_certificate(self):
        with pytest.raises(ValidationError, match="KH is the number of the decree"):
            clean_document_number(registration.kind("halal"), "KH00000000000")

    @pytest.mark.parametrize("slug", ["pirt", "halal"])
    @pytest.mark.parametrize("text", HOSTILE)
    def test_html_and_sql_are_refused(self, slug: str, text: str):
        with pytest.raises(ValidationError):
            clean_document_number(registration.kind(slug), text)
