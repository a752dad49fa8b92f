"""Opening, closing and describing businesses, and who works in them."""

from decimal import Decimal
from typing import Any, TypedDict

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from marketplace.accounts.models import Agency, User
from marketplace.audit.services import record
from marketplace.core import pagecache
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.notifications.services import notify
from marketplace.outbox.services import enqueue
from marketplace.reference.models import Kbli, Region, Subsector
from umkm.vendors import policies
from umkm.vendors.lock_objects import lock_vendor
from umkm.vendors.models import SizeClass, Vendor, VendorIdentity, VendorMember, VendorTurnover

STATUS_TOPIC = "vendor.status_changed"
PORTAL_ADDRESS = "/portal/"


class ProfileChanges(TypedDict, total=False):
    """What owner and staff may say of their shop; what is left out stays as it is."""

    story: str
    story_en: str
    address: str
    opening_hours: str
    accepts_cod: bool
    cod_limit: int | None
    accepts_pickup: bool
    latitude: Decimal | None
    longitude: Decimal | None
    avatar: Any
    cover: Any


@transaction.atomic
def open_vendor(
    *,
    name: str,
    owner: User,
    agency: Agency,
    village: Region,
    subsector: Subsector,
    actor: User | None = None,
    slug: str = "",
    story: str = "",
    story_en: str = "",
    kbli: Kbli | None = None,
    address: str = "",
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    size_class: str = SizeClass.MICRO,
    founded_year: int | None = None,
    nib: str = "",
    owner_name: str = "",
    nik: str | None = None,
    npwp: str | None = None,
    phone: str | None = None,
    turnover: int | None = None,
    turnover_year: int | None = None,
) -> Vendor:
    """Open a shop for an approved business, with `owner` as its owner and the identity behind it.

    Arguments:
        slug: the wanted address; made from the name when empty, and numbered when taken.
        turnover: whole rupiah in `turnover_year` (last year by default).
        actor: the officer who approved it.
    """
    vendor = _create_with_free_slug(
        slugify(slug or name)[:70] or "usaha",
        name=name,
        agency=agency,
        village=village,
        subsector=subsector,
        story=story,
        story_en=story_en,
        kbli=kbli,
        address=address,
        latitude=latitude,
        longitude=longitude,
        size_class=size_class,
        founded_year=founded_year,
        nib=nib,
    )
    VendorMember.objects.create(vendor=vendor, user=owner, role=VendorMember.Role.OWNER)
    VendorIdentity.objects.create(vendor=vendor, owner_name=owner_name or owner.name, nik=nik, npwp=npwp, phone=phone)
    if turnover is not None:
        VendorTurnover.objects.create(
            vendor=vendor, year=turnover_year or timezone.localdate().year - 1, amount=turnover
        )
    record(action="vendors.opened", target=vendor, actor=actor, data={"owner": owner.pk, "agency": agency.slug})
    _tell_others(vendor)
    return vendor


def _create_with_free_slug(wanted: str, **fields: Any) -> Vendor:
    slug, number = wanted, 1
    while True:
        try:
            with transaction.atomic():
                return Vendor.objects.create(slug=slug, **fields)
        except IntegrityError:
            # Only a taken address is a reason to try the next one.
            if not Vendor.objects.filter(slug=slug).exists():
                raise
            number += 1
            slug = f"{wanted}-{number}"


@transaction.atomic
def suspend_vendor(*, vendor_id: int, actor: User, reason: str) -> Vendor:
    """Close a shop for the time being: its products are neither found nor sold. Already suspended is fine.

    Raises NotAllowed for anyone but its agency's officers and operators, DomainError without a reason.
    """
    vendor = _supervised(vendor_id, actor)
    if not reason.strip():
        raise DomainError(_("Say why. The owner reads this reason."), code="vendor.no_reason", field="reason")
    if Vendor.MACHINE.advance(vendor, Vendor.Status.SUSPENDED, status_reason=reason.strip()[:255]):
        record(action="vendors.suspended", target=vendor, actor=actor, data={"reason": vendor.status_reason})
        _tell_others(vendor)
        _tell_owners(vendor, "vendor_suspended")
    return vendor


@transaction.atomic
def reopen_vendor(*, vendor_id: int, actor: User, reason: str) -> Vendor:
    """Open a suspended shop again. Already open is fine. Raises NotAllowed and DomainError as suspend_vendor() does."""
    vendor = _supervised(vendor_id, actor)
    if not reason.strip():
        raise DomainError(_("Say why. The history of the business keeps it."), code="vendor.no_reason", field="reason")
    if Vendor.MACHINE.advance(vendor, Vendor.Status.ACTIVE, only_from=[Vendor.Status.SUSPENDED], status_reason=""):
        record(action="vendors.reopened", target=vendor, actor=actor, data={"reason": reason.strip()})
        _tell_others(vendor)
        _tell_owners(vendor, "vendor_reopened")
    return vendor


@transaction.atomic
def close_vendor(*, vendor_id: int, actor: User, reason: str) -> Vendor:
    """Close a shop for good: its products leave the site at once. What is ordered stays its owner's to fulfil.

    Already closed is fine. Raises NotAllowed for anyone but its agency's officers and operators, DomainError without a
    reason. Only restore_vendor() takes it back.
    """
    vendor = _supervised(vendor_id, actor)
    if not reason.strip():
        raise DomainError(_("Say why. The owner reads this reason."), code="vendor.no_reason", field="reason")
    if Vendor.MACHINE.advance(vendor, Vendor.Status.CLOSED, status_reason=reason.strip()[:255]):
        record(action="vendors.closed", target=vendor, actor=actor, data={"reason": vendor.status_reason})
        _tell_others(vendor)
        _tell_owners(vendor, "vendor_closed")
    return vendor


@transaction.atomic
def restore_vendor(*, vendor_id: int, actor: User, reason: str) -> Vendor:
    """Open a shop again that was closed for good. Already open is fine.

    Raises NotAllowed for anyone but operators, DomainError without a reason or when nobody owns the shop any more.
    """
    vendor = lock_vendor(vendor_id)
    allowed, why_not = policies.can_restore(user=actor, vendor=vendor)
    if not allowed:
        raise NotAllowed(why_not)
    if not reason.strip():
        raise DomainError(_("Say why. The history of the business keeps it."), code="vendor.no_reason", field="reason")
    if not vendor.members.filter(role=VendorMember.Role.OWNER, is_active=True).exists():
        raise DomainError(_("Nobody owns this shop any more. Its owner has to register anew."), code="vendor.no_owner")
    if Vendor.MACHINE.advance(vendor, Vendor.Status.ACTIVE, only_from=[Vendor.Status.CLOSED], status_reason=""):
        record(action="vendors.restored", target=vendor, actor=actor, data={"reason": reason.strip()})
        _tell_others(vendor)
        _tell_owners(vendor, "vendor_reopened")
    return vendor


@transaction.atomic
def close_ownerless(*, vendor_id: int) -> None:
    """Close for good a shop that nobody owns any more, and forget who stood behind it. With an owner it stays."""
    vendor = lock_vendor(vendor_id)
    if vendor.members.filter(role=VendorMember.Role.OWNER, is_active=True).exists():
        return
    if vendor.status != Vendor.Status.CLOSED:
        Vendor.MACHINE.advance(vendor, Vendor.Status.CLOSED, status_reason="")
        record(action="vendors.closed", target=vendor, data={"reason": "no owner"})
        _tell_others(vendor)
    Vendor.objects.filter(pk=vendor.pk).update(address="", latitude=None, longitude=None)
    VendorIdentity.objects.filter(vendor=vendor).update(owner_name="", nik=None, npwp=None, phone=None)
    VendorTurnover.objects.filter(vendor=vendor).delete()


def _supervised(vendor_id: int, actor: User) -> Vendor:
    vendor = lock_vendor(vendor_id)
    allowed, why_not = policies.can_supervise(user=actor, vendor=vendor)
    if not allowed:
        raise NotAllowed(why_not)
    return vendor


def _tell_others(vendor: Vendor) -> None:
    """What shows the shop elsewhere (pages, search, carts) reads its new status."""
    pagecache.bump(pagecache.CATALOGUE)
    enqueue(topic=STATUS_TOPIC, key=str(vendor.pk), payload={"vendor_id": vendor.pk})


@transaction.atomic
def announce_change(*, vendor_id: int) -> None:
    """Let everything that shows the shop read it anew: its permits changed, or something else that pages tell."""
    _tell_others(Vendor.objects.get(pk=vendor_id))


def _tell_owners(vendor: Vendor, kind: str) -> None:
    for member in vendor.members.filter(role=VendorMember.Role.OWNER, is_active=True).select_related("user"):
        notify(
            user=member.user,
            kind=kind,
            context={"shop": vendor.name, "reason": vendor.status_reason, "agency": vendor.agency.name},
            url=PORTAL_ADDRESS,
        )


@transaction.atomic
def update_profile(*, vendor_id: int, actor: User, changes: ProfileChanges) -> Vendor:
    """Save what the shop says of itself. Raises NotAllowed for people who do not work there."""
    vendor = lock_vendor(vendor_id)
    allowed, why_not = policies.can_manage(user=actor, vendor=vendor)
    if not allowed:
        raise NotAllowed(why_not)
    changed = [name for name, value in changes.items() if getattr(vendor, name) != value]
    if not changed:
        return vendor
    for name in changed:
        setattr(vendor, name, changes[name])  # type: ignore[literal-required]
    vendor.save(update_fields=changed)
    record(action="vendors.profile_updated", target=vendor, actor=actor, data={"fields": sorted(changed)})
    pagecache.bump(pagecache.CATALOGUE)
    return vendor


@transaction.atomic
def remove_member(*, vendor_id: int, member_id: int, actor: User) -> None:
    """End somebody's work in the shop. The last owner cannot go. Raises NotAllowed unless `actor` is its owner."""
    vendor = _with_own_team(vendor_id, actor)
    member = vendor.members.filter(pk=member_id, is_active=True).first()
    if member is None:
        return
    others = vendor.members.filter(role=VendorMember.Role.OWNER, is_active=True).exclude(pk=member.pk)
    if member.role == VendorMember.Role.OWNER and not others.exists():
        raise DomainError(_("A shop needs an owner. Make somebody else the owner first."), code="vendor.last_owner")
    vendor.members.filter(pk=member.pk).update(is_active=False)
    record(action="vendors.member_removed", target=vendor, actor=actor, data={"user": member.user_id})


def _with_own_team(vendor_id: int, actor: User) -> Vendor:
    vendor = lock_vendor(vendor_id)
    allowed, why_not = policies.can_manage_team(user=actor, vendor=vendor)
    if not allowed:
        raise NotAllowed(why_not)
    return vendor
