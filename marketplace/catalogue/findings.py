"""What a machine can notice in a listing before an officer reads it. A finding is a hint; the officer decides."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.catalogue.models import Product, ProductImage, Variant
from marketplace.core.money import format_rupiah
from marketplace.reference.models import CategoryRequirement
from marketplace.reference.selectors import requirements_of
from umkm.registration.selectors import PublicBadge, public_badges

PROBLEM, LOOK, FINE = "problem", "look", "fine"
# Labels of food must not promise health (PP 69/1999, article 6); the phrases as sellers write them.
HEALTH_CLAIMS = re.compile(
    r"(?:menyembuhkan|mengobati|menurunkan|mengatasi|mencegah|meredakan)\s+(?:[\w-]+\s+){0,2}?"
    r"(?:kolesterol|diabetes|gula darah|darah tinggi|hipertensi|asam urat|kanker|tumor|stroke|jantung|masuk angin|"
    r"penyakit|maag|batuk|asma|rematik|berat badan)"
    r"|anti\s?kanker|obat kuat|tanpa efek samping|bikin sehat|pasti sembuh|cures?\s+\w+",
    re.IGNORECASE,
)
CONTACTS = re.compile(
    r"https?://\S+|www\.\S+|\b(?:wa\.me|bit\.ly|shopee\.co|tokopedia\.com)\S*"
    r"|(?:\+62|\b62|\b0)[\s-]?8\d{1,2}[\s-]?\d{3,4}[\s-]?\d{3,5}\b|\b[\w.+-]+@[\w-]+\.[\w.]+\b",
    re.IGNORECASE,
)
SHORT_DESCRIPTION = 60
SMALL_PHOTO_SIDE = 800
CHEAP = 500


@dataclass(frozen=True)
class Finding:
    """Something noticed: `level` (problem, look or fine), what, and the words for the officer and the owner."""

    level: str
    title: str
    text: str
    # How the owner reads it when the listing comes back; nothing for what only the officer should look at.
    reason: str = ""
    phrases: tuple[str, ...] = ()


def findings_in(draft: Product, *, variants: Iterable[Variant], pictures: Iterable[ProductImage]) -> list[Finding]:
    """Everything noticed in the proposed listing, problems first.

    Arguments:
        draft: the revision as an object.
        pictures: its photos, with their images loaded.
    """
    found = [
        _claims(draft),
        _contacts(draft),
        _permits(draft),
        _prices(list(variants)),
        _photos(draft, list(pictures)),
        _description(draft),
    ]
    order = (PROBLEM, LOOK, FINE)
    return sorted((item for item in found if item), key=lambda item: order.index(item.level))


def proposed_reason(findings: Iterable[Finding]) -> str:
    """The letter to the owner as the problems write it; the officer changes what they like."""
    return "\n".join(item.reason for item in findings if item.level == PROBLEM and item.reason)


def _texts(draft: Product) -> str:
    return "\n".join((draft.name, draft.name_en, draft.description, draft.description_en, draft.tags))


def _claims(draft: Product) -> Finding:
    phrases = tuple(dict.fromkeys(match.group(0) for match in HEALTH_CLAIMS.finditer(_texts(draft))))
    if not phrases:
        return Finding(FINE, _("No health claims"), _("Nothing promises a cure."))
    quoted = ", ".join(f"“{phrase}”" for phrase in phrases)
    return Finding(
        PROBLEM,
        _("Health claim"),
        _("%(phrases)s. Food must not promise health.") % {"phrases": quoted},
        _("Take out %(phrases)s: a listing must not promise health.") % {"phrases": quoted},
        phrases,
    )


def _contacts(draft: Product) -> Finding:
    phrases = tuple(dict.fromkeys(match.group(0) for match in CONTACTS.finditer(_texts(draft))))
    if not phrases:
        return Finding(FINE, _("Contacts and links"), _("None in name and description."))
    quoted = ", ".join(f"“{phrase}”" for phrase in phrases)
    return Finding(
        PROBLEM,
        _("Contact or link"),
        _("%(phrases)s in the text. Buyers would leave the site.") % {"phrases": quoted},
        _("Take out %(phrases)s: phone numbers, addresses and links do not belong into a listing.")
        % {"phrases": quoted},
        phrases,
    )


def _permits(draft: Product) -> Finding | None:
    """Whether the shop has, checked and valid, what the category requires; alternatives count as one."""
    groups: dict[str, list[CategoryRequirement]] = {}
    for requirement in requirements_of([draft.category]):
        if requirement.strength == CategoryRequirement.Strength.REQUIRED:
            groups.setdefault(requirement.group or requirement.document_kind.slug, []).append(requirement)
    if not groups:
        return None
    badges: dict[str, PublicBadge] = {
        badge.kind_slug: badge for badge in public_badges([draft.vendor_id])[draft.vendor_id]
    }
    title = _("Permits for %(category)s") % {"category": draft.category.display_name}
    missing, present = [], []
    for alternatives in groups.values():
        names = [requirement.document_kind.display_name for requirement in alternatives]
        valid = [
            badges[requirement.document_kind.slug]
            for requirement in alternatives
            if requirement.document_kind.slug in badges and badges[requirement.document_kind.slug].is_valid
        ]
        if valid:
            until = valid[0].valid_until
            present.append(f"{valid[0].label} {until.year}" if until else valid[0].label)
        else:
            missing.append((" " + _("or") + " ").join(names))
    if missing:
        words = ", ".join(missing)
        return Finding(
            PROBLEM,
            title,
            _("Missing or expired: %(papers)s.") % {"papers": words},
            _("This category needs %(papers)s. Add it to your documents first.") % {"papers": words},
        )
    return Finding(FINE, title, ", ".join(present))


def _prices(variants: list[Variant]) -> Finding | None:
    prices = sorted(variant.price for variant in variants if variant.is_active or variant.awaits_review)
    if not prices:
        return None
    low, high = prices[0], prices[-1]
    words = format_rupiah(low) if low == high else f"{format_rupiah(low)} – {format_rupiah(high)}"
    if low < CHEAP or high > low * 20:
        return Finding(LOOK, _("Price"), _("%(price)s. Looks unusual; compare it with the photo.") % {"price": words})
    return Finding(FINE, _("Price"), words)


def _photos(draft: Product, pictures: list[ProductImage]) -> Finding:
    count = ngettext("%(count)s photo", "%(count)s photos", len(pictures)) % {"count": len(pictures)}
    if not pictures:
        return Finding(PROBLEM, _("Photos"), _("There is no photo."), _("Add at least one photo."))
    elsewhere = (
        ProductImage.objects.filter(
            image__file_hash__in=[item.image.file_hash for item in pictures if item.image.file_hash]
        )
        .exclude(product__vendor_id=draft.vendor_id)
        .select_related("product__vendor")
        .first()
    )
    if elsewhere is not None:
        return Finding(
            PROBLEM,
            _("Photos"),
            _("The same photo stands in the shop %(shop)s.") % {"shop": elsewhere.product.vendor},
            _("Use photos that you took yourself."),
        )
    smallest = min(min(item.image.width, item.image.height) for item in pictures)
    if smallest < SMALL_PHOTO_SIDE:
        return Finding(
            LOOK,
            _("Photos"),
            _("%(photos)s, the smallest side has %(side)s pixels.") % {"photos": count, "side": smallest},
        )
    return Finding(FINE, _("Photos"), _("%(photos)s, used by no other shop") % {"photos": count})


def _description(draft: Product) -> Finding | None:
    length = len(draft.description.strip())
    if length >= SHORT_DESCRIPTION:
        return None
    return Finding(
        LOOK, _("Description"), _("Only %(count)s characters. Does it say what a buyer gets?") % {"count": length}
    )
