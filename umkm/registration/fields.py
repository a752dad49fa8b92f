"""Form fields for Indonesian numbers. Each error says what is wrong and what to do."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from lokal import parse_nik, parse_npwp, parse_rupiah

from marketplace.reference.models import DocumentKind, Kbli

# A box around Malang Raya: a position outside is a slip of the finger, or the phone's last holiday.
LATITUDES = (Decimal("-8.60"), Decimal("-7.40"))
LONGITUDES = (Decimal("112.00"), Decimal("113.20"))
MOST_TURNOVER = 50_000_000_000


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def count_message(name: str, have: int, need: int) -> str:
    """`Baru 12 angka. NIB harus 13 angka.`"""
    if have < need:
        return ngettext(
            "Only %(have)s digit. An %(name)s has %(need)s.", "Only %(have)s digits. An %(name)s has %(need)s.", have
        ) % {"have": have, "name": name, "need": need}
    return _("%(have)s digits are too many. An %(name)s has %(need)s.") % {"have": have, "name": name, "need": need}


class DigitsField(forms.CharField):
    """A number typed with or without dots, dashes and spaces; cleaned to its digits."""

    number_name = ""
    length = 0

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off", "class": "is-code"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        if re.search(r"[^\d\s.\-/]", text):
            raise forms.ValidationError(
                _("An %(name)s has digits only. Take out the letters and signs.") % {"name": self.number_name},
                code="letters",
            )
        digits = _digits(text)
        self.check_digits(digits)
        return digits

    def check_digits(self, digits: str) -> None:
        if len(digits) != self.length:
            raise forms.ValidationError(count_message(self.number_name, len(digits), self.length), code="length")


class NikField(DigitsField):
    """16 digits whose province and day of birth can be. A NIK from another region is as good as any."""

    number_name, length = "NIK", 16

    def check_digits(self, digits: str) -> None:
        super().check_digits(digits)
        nik = parse_nik(digits)
        if nik.valid:
            return
        code = nik.errors[0].code
        messages = {
            "province": _("The first digits of this NIK name no province. Compare them with the card."),
            "birth_date": _("Digits 7 to 12 of this NIK are no date of birth. Compare them with the card."),
        }
        raise forms.ValidationError(
            messages.get(code, _("This NIK cannot be right. Compare it with the card.")), code=code
        )


class NibField(DigitsField):
    number_name, length = "NIB", 13


class NpwpField(DigitsField):
    """15 digits as until 2024, or 16; cleaned to the 16 that count today."""

    number_name = "NPWP"

    def clean(self, value: Any) -> str:
        digits = super().clean(value)
        return parse_npwp(digits).npwp16 or "" if digits else ""

    def check_digits(self, digits: str) -> None:
        if len(digits) not in (15, 16):
            raise forms.ValidationError(
                _("%(have)s digits. An NPWP has 15 digits, the new one 16.") % {"have": len(digits)}, code="length"
            )
        if not parse_npwp(digits).valid:
            raise forms.ValidationError(_("This NPWP cannot be right. Compare it with the card."), code="invalid")


class RupiahField(forms.CharField):
    """An amount the way people write it: `120.000.000`, `120 juta`; cleaned to whole rupiah, or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}))
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        parsed = parse_rupiah(text)
        if parsed is None or "-" in text:
            raise forms.ValidationError(
                _("We cannot read this amount. Write for example 120.000.000 or 120 juta."), code="invalid"
            )
        amount = int(parsed.amount)
        if amount > MOST_TURNOVER:
            raise forms.ValidationError(
                _("More than Rp50 billion a year is no small business any more. Look at the zeros again."),
                code="too_much",
            )
        return amount


class PositionField(forms.CharField):
    """`-7.954127, 112.644462`, as phones and maps give it; cleaned to a pair of decimals, or None."""

    PATTERN = re.compile(r"^\s*(-?\d{1,3}[.]\d+)\s*[,;\s]\s*(-?\d{1,3}[.]\d+)\s*$")

    def clean(self, value: Any) -> tuple[Decimal, Decimal] | None:
        text = super().clean(value)
        if not text:
            return None
        match = self.PATTERN.match(text)
        if match is None:
            raise forms.ValidationError(
                _("Two numbers with a comma between them, for example -7.9541, 112.6445. Or leave it empty."),
                code="invalid",
            )
        latitude, longitude = (Decimal(part).quantize(Decimal("0.000001")) for part in match.groups())
        if not (LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]):
            raise forms.ValidationError(
                _("This position is not in Malang Raya. Stand at your place of business, or leave it empty."),
                code="outside",
            )
        return latitude, longitude


class KbliField(forms.CharField):
    """A code, or words of its title, chosen from a list; cleaned to a Kbli, or None."""

    def clean(self, value: Any) -> Kbli | None:
        text = super().clean(value)
        if not text:
            return None
        code, version = re.search(r"\b\d{5}\b", text), re.search(r"\((2020|2025)\)", text)
        matches = Kbli.objects.order_by("-version")
        matches = matches.filter(code=code.group()) if code else matches.filter(title__iexact=text)
        found = matches.filter(version=version.group(1)).first() if version else None
        found = found or matches.first()
        if found is None:
            raise forms.ValidationError(
                _("This code is not in the list. Choose one from the list, or leave it empty: the officer helps."),
                code="unknown",
            )
        return found


def clean_document_number(kind: DocumentKind, text: str) -> str:
    """The number of a paper in its usual form. Raises ValidationError with the cure when it cannot be one."""
    number = re.sub(r"\s+", " ", text).strip().upper()
    if not number:
        return ""
    if kind.slug == "pirt":
        digits = _digits(number)
        if len(digits) != 15 or re.search(r"[^\d\s.\-]", number):
            raise forms.ValidationError(
                _("%(have)s digits. A P-IRT number has 15, for example 2063573010001-31.") % {"have": len(digits)},
                code="length",
            )
        number = f"{digits[:13]}-{digits[13:]}"
    elif kind.slug == "halal":
        number = number.replace(" ", "")
        if number.startswith("KH"):
            raise forms.ValidationError(
                _("KH is the number of the decree, not of the certificate. Fill in the one that begins with ID."),
                code="decree",
            )
    if kind.number_pattern and not re.match(kind.number_pattern, number):
        raise forms.ValidationError(
            _("This does not look like a number of this paper. Compare it letter by letter."), code="pattern"
        )
    return number
