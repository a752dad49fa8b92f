"""How the forty businesses came onto the site: each registered, was checked, and most were approved at once."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, cast

from django.utils import timezone

from marketplace.accounts.models import Officer, User
from marketplace.installation.demo.papers import nik_of, number_of, specimen
from marketplace.installation.demo.people import OFFICERS, OWNERS, demo_person
from marketplace.installation.demo.timeline import Timeline
from marketplace.reference.models import Category, Kbli, Region, Subsector
from umkm.registration.files import check_upload
from umkm.registration.models import FieldReturn, VendorApplication
from umkm.registration.papers import attach_document
from umkm.registration.selectors import paper_needs
from umkm.registration.services import Answers, save_answers, start_application
from umkm.registration.submission import submit_application
from umkm.vendors.models import Vendor
from umkm.verification.checks import checks_of
from umkm.verification.decisions import approve_application, reject_application, return_application
from umkm.verification.models import CheckResult, Ground
from umkm.verification.services import add_note, claim_case, record_check

DATA = Path(__file__).resolve().parent / "data"
# Owners of the demo whose login is printed; everyone else signs in with an address made from the shop's.
KNOWN_OWNERS = {"dapur-tempe-ngalup": OWNERS[0].email, "batik-tunjung-biru": OWNERS[1].email}
MALE_NAMES = frozenset(
    [
        "Suparman",
        "Yoga",
        "Agus",
        "Dimas",
        "Slamet",
        "Mbah",
        "Bayu",
        "Rangga",
        "Hendra",
        "Gatot",
        "Mulyono",
        "Joko",
        "Rizky",
        "Supriyadi",
        "Wahyu",
        "Eko",
        "Fajar",
        "Ngatemin",
        "Ki",
        "Sutikno",
        "Purwanto",
        "Doni",
        "Hariyanto",
        "Bambang",
        "Miftahul",
        "Suroso",
        "Andri",
    ]
)
PAPER_TITLES = {
    "ktp": "Kartu Tanda Penduduk",
    "nib": "Nomor Induk Berusaha",
    "npwp": "NPWP",
    "pirt": "Sertifikat P-IRT",
    "halal": "Sertifikat Halal",
}
RETURN_REASONS = (
    ("document:ktp", "Foto KTP terpotong di pojok kanan. Foto ulang sampai keempat pojoknya terlihat."),
    ("address", "Alamat belum menyebut RT dan RW. Tambahkan supaya petugas bisa berkunjung."),
    ("document:nib", "NIB pada foto tidak terbaca. Unduh PDF dari OSS lalu unggah lagi."),
    ("story", "Ceritakan juga di mana produk dibuat, supaya pembeli percaya."),
)


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of one of the demo's files."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


class Registrations:
    """Sends businesses through registration and verification on a timeline."""

    def __init__(self, timeline: Timeline, on_open: Callable[[dict[str, Any], Vendor], None]) -> None:
        self.timeline = timeline
        self.on_open = on_open
        self.serial = 0
        self.officers = {
            region: [Officer.objects.select_related("user", "agency").get(user__email=login.email) for login in pair]
            for region, pair in OFFICERS.items()
        }
        self.categories = {category.slug: category for category in Category.objects.all()}
        self.sold: dict[str, set[str]] = {}
        for product in rows("products"):
            self.sold.setdefault(product["vendor"], set()).add(product["category"])

    def schedule(self) -> None:
        """Plan the year: forty shops that opened, and cases in every other state."""
        vendors = rows("vendors")
        # Those whose logins are printed have been there longest; of the others all regions come in between.
        known = [row for row in vendors if row["slug"] in KNOWN_OWNERS]
        others = [row for row in vendors if row["slug"] not in KNOWN_OWNERS]
        self.timeline.random.shuffle(others)
        vendors = known + others
        for index, row in enumerate(vendors):
            # The first opened a year ago, the last three weeks ago.
            days = 352 - index * (352 - 24) / (len(vendors) - 1)
            self._plan(row, self.timeline.days_ago(days), returned_once=index % 5 == 3)
        for row in rows("applications"):
            self._plan(row, self.timeline.days_ago(row["days_ago"]), ends=row["ends"])

    def _plan(
        self, row: dict[str, Any], begins: datetime, *, ends: str = "approved", returned_once: bool = False
    ) -> None:
        self.timeline.at(begins, partial(self._register, row, begins, ends, returned_once))

    def _register(self, row: dict[str, Any], moment: datetime, ends: str, returned_once: bool) -> None:
        self.serial += 1
        application = self._fill_in(row, self.serial)
        if ends == "draft":
            return
        submit_application(application_id=application.pk, actor=application.owner, consents=True)
        if ends == "submitted":
            return
        review = self.timeline.after(moment, hours=20)
        then = partial(self._review, application.pk, row, review, ends, returned_once)
        self.timeline.at(review, then)

    def _fill_in(self, row: dict[str, Any], serial: int) -> VendorApplication:
        owner = self._owner(row)
        village = Region.objects.get(code=row["village"])
        subsector = Subsector.objects.get(slug=row["subsector"])
        categories = [self.categories[slug] for slug in sorted(self.sold.get(row["slug"], row.get("categories", ())))]
        first_name = row["owner"].split()[0]
        born = date(1962 + serial * 7 % 38, serial % 12 + 1, serial % 27 + 1)
        application = start_application(owner=owner)
        has_nib = not row.get("no_nib", False)
        answers: dict[str, Any] = {
            "owner_name": row["owner"],
            "nik": nik_of(village_code=row["village"], born=born, is_woman=first_name not in MALE_NAMES, serial=serial),
            "phone": f"+62812{30_000_000 + serial * 7_919:08d}",
            "nib": number_of("nib", serial=serial, year=2025) if has_nib else "",
            "has_no_nib": not has_nib,
            "name": row["name"],
            "story": row["story"],
            "subsector": subsector,
            "kbli": Kbli.objects.filter(subsector=subsector).order_by("code").first(),
            "village": village,
            "address": f"Jl. {village.name} Gang {serial % 9 + 1} No. {serial}, RT 0{serial % 7 + 1} RW 02",
            "latitude": Decimal(row["latitude"]),
            "longitude": Decimal(row["longitude"]),
            "size_class": row["size"],
            "founded_year": row["founded"],
            "turnover": (420_000_000 if row["size"] == "small" else 60_000_000) + serial * 3_500_000,
            "categories": categories,
        }
        save_answers(application_id=application.pk, actor=owner, answers=cast(Answers, answers))
        application.refresh_from_db()
        self._attach_papers(application, owner, serial)
        return application

    def _owner(self, row: dict[str, Any]) -> User:
        email = row.get("email") or KNOWN_OWNERS.get(row["slug"], f"{row['slug']}@lapak.test")
        return demo_person(email=email, name=row["owner"])

    def _attach_papers(self, application: VendorApplication, owner: User, serial: int) -> None:
        today = timezone.localdate()
        for need in paper_needs(application):
            if not need.is_required or (need.kind.slug == "nib" and application.has_no_nib):
                continue
            kind = need.kind
            number = number_of(kind.slug, serial=serial, year=today.year) if kind.has_number else ""
            if kind.slug == "ktp":
                number = application.nik or ""
            photo = specimen(
                title=PAPER_TITLES.get(kind.slug, kind.name), lines=[application.name, application.owner_name, number]
            )
            # Every ninth permit runs out soon, so that reminders and officers have something to look at.
            lasts = timedelta(days=370 + serial % 12) if serial % 9 == 4 else timedelta(days=5 * 365 - serial * 11)
            attach_document(
                application_id=application.pk,
                actor=owner,
                kind_slug=kind.slug,
                checked=check_upload(photo),
                number=number,
                issued_on=today - timedelta(days=30 + serial),
                expires_on=today + lasts if kind.has_expiry else None,
            )

    def _review(self, pk: int, row: dict[str, Any], moment: datetime, ends: str, returned_once: bool) -> None:
        officer = self._officer_for(pk)
        application = claim_case(application_id=pk, officer=officer)
        if ends == "in_review":
            self._check(application, officer, only_first=True)
            add_note(application_id=pk, officer=officer, text="Sudah saya telepon, pemilik di rumah sampai sore.")
        elif ends == "rejected":
            reject_application(
                application_id=pk,
                officer=officer,
                expected_version=application.version,
                ground=Ground.OUTSIDE,
                letter=row["letter"],
            )
        elif ends == "returned" or returned_once or (ends == "resubmitted" and application.round == 1):
            self._return(application, officer)
            if ends != "returned":  # those that are still with the owner today
                again = self.timeline.after(moment, hours=30)
                self.timeline.at(again, partial(self._fix, pk, row, again, ends))
        else:
            self._approve(application, officer, row)

    def _officer_for(self, pk: int) -> Officer:
        application = VendorApplication.objects.get(pk=pk)
        colleagues = self.officers[application.village.regency_code if application.village else "35.73"]
        return application.claimed_by or colleagues[pk % len(colleagues)]

    def _check(self, application: VendorApplication, officer: Officer, *, only_first: bool = False) -> None:
        snapshot = application.rounds.order_by("-number")[0].as_submitted
        done = set(application.checks.filter(result=CheckResult.OK).values_list("key", flat=True))
        keys = [check for check in checks_of(snapshot) if check.key not in done or application.round > 1]
        for check in keys[: 1 if only_first else None]:
            application.refresh_from_db()
            record_check(
                application_id=application.pk,
                officer=officer,
                expected_version=application.version,
                key=check.key,
                result=CheckResult.OK,
                source=check.sources[0],
                evidence_text="Sesuai dengan berkas dan register.",
            )

    def _approve(self, application: VendorApplication, officer: Officer, row: dict[str, Any]) -> None:
        self._check(application, officer)
        application.refresh_from_db()
        approve_application(application_id=application.pk, officer=officer, expected_version=application.version)
        application.refresh_from_db()
        if application.vendor is not None:
            self.on_open(row, application.vendor)

    def _return(self, application: VendorApplication, officer: Officer) -> None:
        field, reason = RETURN_REASONS[application.pk % len(RETURN_REASONS)]
        application.refresh_from_db()
        return_application(
            application_id=application.pk,
            officer=officer,
            expected_version=application.version,
            reasons={field: reason},
            letter="Terima kasih sudah mendaftar. Tinggal satu hal ini.",
        )

    def _fix(self, pk: int, row: dict[str, Any], moment: datetime, ends: str) -> None:
        application = VendorApplication.objects.get(pk=pk)
        owner = application.owner
        for item in FieldReturn.objects.filter(round__application=application, resolved_at=None):
            self._fix_one(application, owner, item)
        submit_application(application_id=pk, actor=owner, consents=True)
        if ends == "resubmitted":
            return
        later = self.timeline.after(moment, hours=18)
        self.timeline.at(later, partial(self._review, pk, row, later, ends, False))

    def _fix_one(self, application: VendorApplication, owner: User, item: FieldReturn) -> None:
        if item.document_kind:
            document = application.documents.filter(kind__slug=item.document_kind, is_current=True).get()
            photo = specimen(
                title=PAPER_TITLES.get(item.document_kind, document.kind.name),
                lines=[application.name, application.owner_name, document.number, "foto ulang"],
            )
            attach_document(
                application_id=application.pk,
                actor=owner,
                kind_slug=item.document_kind,
                checked=check_upload(photo),
                number=document.number,
                issued_on=document.issued_on,
                expires_on=document.expires_on,
            )
            return
        current = getattr(application, item.field)
        answers = cast(Answers, {item.field: f"{current} (sudah diperbaiki)"})
        save_answers(application_id=application.pk, actor=owner, answers=answers)
