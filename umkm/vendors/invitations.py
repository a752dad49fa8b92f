"""Inviting people into a shop's team by mail."""

import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.notifications.services import notify
from umkm.vendors import policies
from umkm.vendors.lock_objects import lock_vendor
from umkm.vendors.models import Vendor, VendorInvitation, VendorMember

VALID_FOR = timedelta(days=7)
MOST_OPEN = 20


@transaction.atomic
def invite_member(*, vendor_id: int, email: str, actor: User, language: str) -> VendorInvitation:
    """Write to `email` that its owner may join as staff. A second invitation replaces the first.

    Raises NotAllowed unless `actor` owns the shop, DomainError when the person works there already.
    """
    vendor = lock_vendor(vendor_id)
    _check_owner(vendor, actor)
    address = email.strip().lower()
    if vendor.members.filter(user__email__iexact=address, is_active=True).exists():
        raise DomainError(_("This person is in the team already."), code="already_member", field="email")
    vendor.invitations.filter(email=address).delete()
    if vendor.invitations.count() >= MOST_OPEN:
        raise DomainError(_("Too many open invitations. Withdraw some first."), code="too_many", field="email")
    invitation = VendorInvitation.objects.create(
        vendor=vendor,
        email=address,
        token=secrets.token_urlsafe(32),
        invited_by=actor,
        expires_at=timezone.now() + VALID_FOR,
    )
    with override(language):
        url = reverse("portal:invitation", args=[invitation.token])
    notify(
        email=address,
        kind="team_invitation",
        language=language,
        url=url,
        context={"shop": vendor.name, "inviter": actor.get_full_name(), "days": VALID_FOR.days},
    )
    record(action="vendors.member_invited", target=vendor, actor=actor, data={"invitation": invitation.pk})
    return invitation


@transaction.atomic
def withdraw_invitation(*, vendor_id: int, invitation_id: int, actor: User) -> None:
    """Make an invitation worthless; already gone is fine. Raises NotAllowed unless `actor` owns the shop."""
    vendor = lock_vendor(vendor_id)
    _check_owner(vendor, actor)
    deleted, _by_model = vendor.invitations.filter(pk=invitation_id).delete()
    if deleted:
        record(action="vendors.invitation_withdrawn", target=vendor, actor=actor, data={"invitation": invitation_id})


def open_invitation(token: str) -> VendorInvitation | None:
    """The invitation behind an address from a mail, as long as it holds."""
    return (
        VendorInvitation.objects.filter(token=token, expires_at__gt=timezone.now())
        .exclude(vendor__status=Vendor.Status.CLOSED)
        .select_related("vendor", "invited_by")
        .first()
    )


def is_for(*, invitation: VendorInvitation, user: User) -> bool:
    """Whether `user` has shown that the invited address is theirs."""
    return EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists()


@transaction.atomic
def accept_invitation(*, token: str, user: User) -> VendorMember:
    """Make `user` staff of the shop that invited them, once.

    Raises DomainError for a letter that no longer holds, NotAllowed for somebody else's.
    """
    found = open_invitation(token)
    invitation = found and VendorInvitation.objects.select_for_update(of=("self",)).filter(pk=found.pk).first()
    if found is None or invitation is None:
        raise DomainError(_("This invitation no longer holds. Ask the owner for a new one."), code="invitation_gone")
    if not is_for(invitation=invitation, user=user):
        raise NotAllowed(
            _("This invitation is for %(email)s. Sign in with that address.") % {"email": invitation.email}
        )
    vendor = lock_vendor(invitation.vendor_id)
    if not policies.can_manage_team(user=invitation.invited_by, vendor=vendor)[0]:
        raise DomainError(_("This invitation no longer holds. Ask the owner for a new one."), code="invitation_gone")
    member, _created = VendorMember.objects.get_or_create(vendor=vendor, user=user)
    if not member.is_active:
        VendorMember.objects.filter(pk=member.pk).update(is_active=True, role=VendorMember.Role.STAFF)
        member.refresh_from_db()
    invitation.delete()
    record(action="vendors.member_joined", target=vendor, actor=user, data={"invited_by": found.invited_by_id})
    return member


def _check_owner(vendor: Vendor, actor: User) -> None:
    allowed, why_not = policies.can_manage_team(user=actor, vendor=vendor)
    if not allowed:
        raise NotAllowed(why_not)
