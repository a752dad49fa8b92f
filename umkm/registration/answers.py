"""The answers of an application: what each is called, in which step it is given, and how it reads as text."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from umkm.registration.models import VendorApplication

IDENTITY, BUSINESS, PAPERS = "identity", "business", "papers"


@dataclass(frozen=True)
class Answer:
    """One answer.

    Arguments:
        key: the field of the application, the key in snapshots and of a FieldReturn.
        step: the wizard's step that asks for it.
        form_field: the form's field where it stands; two answers may share one.
        is_required: whether an application can be submitted without it.
    """

    key: str
    label: str | Promise
    step: str
    form_field: str = ""
    is_required: bool = False

    @property
    def field(self) -> str:
        return self.form_field or self.key


ANSWERS: tuple[Answer, ...] = (
    Answer("owner_name", _("Owner's name"), IDENTITY, is_required=True),
    Answer("nik", _("NIK"), IDENTITY, is_required=True),
    Answer("phone", _("Phone (WhatsApp)"), IDENTITY, is_required=True),
    Answer("npwp", _("NPWP"), IDENTITY),
    Answer("nib", _("NIB"), IDENTITY),
    Answer("has_no_nib", _("No NIB yet"), IDENTITY),
    Answer("name", _("Business name"), BUSINESS, is_required=True),
    Answer("story", _("Story"), BUSINESS, is_required=True),
    Answer("categories", _("What you sell"), BUSINESS, is_required=True),
    Answer("subsector", _("Sub-sector"), BUSINESS, is_required=True),
    Answer("kbli", _("KBLI (kind of business)"), BUSINESS),
    Answer("village", _("Village"), BUSINESS, is_required=True),
    Answer("address", _("Address"), BUSINESS, is_required=True),
    Answer("latitude", _("Position"), BUSINESS, form_field="position"),
    Answer("longitude", _("Position"), BUSINESS, form_field="position"),
    Answer("size_class", _("Size"), BUSINESS, is_required=True),
    Answer("founded_year", _("Since"), BUSINESS),
    Answer("turnover", _("Turnover last year"), BUSINESS),
)
BY_KEY = {answer.key: answer for answer in ANSWERS}


# Answers that are given together: whoever fixes one may have to change the other.
TOGETHER = ({"nib", "has_no_nib"},)


def keys_beside(key: str) -> set[str]:
    """The answers that share a form field, or a decision, with this one; itself included. Empty for unknown keys."""
    if key not in BY_KEY:
        return set()
    keys = {answer.key for answer in ANSWERS if answer.field == BY_KEY[key].field}
    for group in TOGETHER:
        if keys & group:
            keys |= group
    return keys


def as_texts(application: VendorApplication) -> dict[str, str]:
    """Every answer as plain text in Indonesian, the way rounds keep and compare them. Empty where there is none."""
    village = application.village
    district = village.parent if village else None
    return {
        "owner_name": application.owner_name,
        "nik": application.nik or "",
        "phone": application.phone or "",
        "npwp": application.npwp or "",
        "nib": application.nib,
        "has_no_nib": "ya" if application.has_no_nib else "",
        "name": application.name,
        "story": application.story,
        "categories": ", ".join(category.name for category in application.categories.all()),
        "subsector": application.subsector.name if application.subsector else "",
        "kbli": str(application.kbli or ""),
        "village": ", ".join(
            region.name for region in (village, district, district.parent if district else None) if region
        ),
        "address": application.address,
        "latitude": _decimal_text(application.latitude),
        "longitude": _decimal_text(application.longitude),
        "size_class": application.size_class,
        "founded_year": str(application.founded_year or ""),
        "turnover": "" if application.turnover is None else str(application.turnover),
    }


def _decimal_text(value: object) -> str:
    return "" if value is None else f"{value:f}"
