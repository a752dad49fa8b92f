"""Applications in every state, and the files that people send."""

import io
from datetime import date
from typing import Any

import factory
import pypdf
from django.core.files.uploadedfile import SimpleUploadedFile
from factory.django import DjangoModelFactory
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from marketplace.accounts.models import Officer
from marketplace.reference.models import Category, CategoryRequirement, DocumentKind
from tests.factories import base
from umkm.registration import clock, papers, submission
from umkm.registration.files import check_upload
from umkm.registration.models import ApplicationRound, FieldReturn, LegalDocument, VendorApplication

KINDS: dict[str, dict[str, Any]] = {
    "ktp": {"position": 1, "name": "KTP pemilik", "is_identity": True, "number_pattern": r"^\d{16}$"},
    "nib": {"position": 2, "name": "NIB", "is_public_badge": True, "number_pattern": r"^\d{13}$"},
    "npwp": {"position": 3, "name": "NPWP", "is_identity": True},
    "pirt": {
        "position": 4,
        "name": "Sertifikat P-IRT",
        "has_expiry": True,
        "is_public_badge": True,
        "number_label": "P-IRT",
        "number_pattern": r"^[1-8]\d{12}-?\d{2}$",
    },
    "halal": {
        "position": 5,
        "name": "Sertifikat halal",
        "is_public_badge": True,
        "number_pattern": r"^ID\d{14,17}$",
    },
    "bpom_md": {"position": 6, "name": "Izin edar BPOM MD", "has_expiry": True, "is_public_badge": True},
    "merek": {"position": 13, "name": "Merek terdaftar", "has_expiry": True, "is_public_badge": True},
}


def kind(slug: str) -> DocumentKind:
    """A kind of paper under its real slug; made when not loaded."""
    found, _created = DocumentKind.objects.get_or_create(slug=slug, defaults=KINDS[slug])
    return found


def kinds() -> None:
    """Every kind that the tests speak of."""
    for slug in KINDS:
        kind(slug)


def requirement(category: Category, slug: str, group: str = "", strength: str = "required") -> CategoryRequirement:
    """Let `category` need a paper; requirements of one group are alternatives."""
    found, _created = CategoryRequirement.objects.get_or_create(
        category=category, document_kind=kind(slug), defaults={"group": group, "strength": strength}
    )
    return found


def photo_bytes(
    *, size: tuple[int, int] = (900, 700), colour: str = "#DDD8CC", form: str = "JPEG", **save: Any
) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, form, **save)
    return output.getvalue()


def photo(name: str = "ktp.jpg", **options: Any) -> SimpleUploadedFile:
    """A photo as a phone sends it."""
    return SimpleUploadedFile(name, photo_bytes(**options), "image/jpeg")


def pdf(name: str = "nib.pdf", *, pages: int = 1, password: str = "", script: str = "") -> SimpleUploadedFile:
    """A PDF of blank pages; with a password, or a script that runs on opening."""
    writer = pypdf.PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(width=595, height=842)
    if script:
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
        )
    if password:
        writer.encrypt(password)
    output = io.BytesIO()
    writer.write(output)
    return SimpleUploadedFile(name, output.getvalue(), "application/pdf")


class VendorApplicationFactory(DjangoModelFactory):
    """A draft with every answer given, in Kota Malang, selling tempeh crisps. Papers: see `with_papers`."""

    class Meta:
        model = VendorApplication
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"UMKM-2026-{900000 + n:06d}")
    owner = factory.SubFactory(base.UserFactory)
    owner_name = "Sri Wahyuni"
    nik = "3573014501800001"
    phone = "+6281234567890"
    nib = factory.Sequence(lambda n: f"{n + 1:013d}")
    name = factory.Sequence(lambda n: f"Dapur Tempe Ngalup {n}")
    story = "Berawal dari dapur belakang rumah di gang Sanan."
    subsector = factory.LazyFunction(base.subsector)
    village = factory.LazyFunction(base.village)
    address = "Jl. Sanan 27 RT 8 RW 15"
    founded_year = 2011

    @factory.post_generation
    def categories(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create:
            kinds()
            self.categories.set(extracted if extracted is not None else [base.category()])


def attach(application: VendorApplication, slug: str, **details: Any) -> LegalDocument:
    """Add a paper the way its owner does."""
    return papers.attach_document(
        application_id=application.pk,
        actor=application.owner,
        kind_slug=slug,
        checked=check_upload(details.pop("file", None) or photo()),
        **details,
    )


def draft(**fields: Any) -> VendorApplication:
    """A draft that lacks nothing: identity card and NIB are there, and its category needs no more."""
    application = VendorApplicationFactory(**fields)
    attach(application, "ktp")
    attach(application, "nib")
    application.refresh_from_db()
    return application


def send(application: VendorApplication) -> VendorApplication:
    """Submit it the way its owner does, to the agency of its region."""
    if application.village is not None:
        base.agency(application.village.regency_code)
    return submission.submit_application(application_id=application.pk, actor=application.owner, consents=True)


def submitted(**fields: Any) -> VendorApplication:
    """An application that waits for an officer."""
    return send(draft(**fields))


def give_back(
    application: VendorApplication, reasons: dict[str, str], officer: Officer | None = None
) -> VendorApplication:
    """Return a submitted application to its owner with these reasons, by field or `document:<kind>`."""
    last = ApplicationRound.objects.get(application=application, number=application.round)
    for field, reason in reasons.items():
        FieldReturn.objects.create(round=last, field=field, reason=reason, officer=officer)
    now = application.submitted_at
    VendorApplication.MACHINE.advance(
        application,
        VendorApplication.Status.RETURNED,
        version=application.version + 1,
        paused_at=now,
        paused_days_left=clock.days_left(now, application.due_at),
        fix_by=date(2030, 1, 15),
        letter="Terima kasih, tinggal sedikit lagi.",
    )
    return application


def returned(*, reasons: dict[str, str], officer: Officer | None = None, **fields: Any) -> VendorApplication:
    """An application that came back to its owner."""
    return give_back(submitted(**fields), reasons, officer)
