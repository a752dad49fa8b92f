"""Who works in the shop: the team, invitations, and accepting one."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.models import User
from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from umkm.portal.access import frame, is_owner, member_view, owner_view
from umkm.portal.forms import InviteForm
from umkm.vendors.invitations import accept_invitation, invite_member, is_for, open_invitation, withdraw_invitation
from umkm.vendors.models import VendorMember
from umkm.vendors.services import remove_member


@member_view
@require_GET
def team(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """Everyone who acts for the shop; the owner also sees open invitations and may invite."""
    return _team_page(request, member, InviteForm())


@owner_view
@throttle("team-invite", rate="10/h", by="user")
@require_POST
def team_invite(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """Write to somebody."""
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            invitation = invite_member(
                vendor_id=member.vendor.pk,
                email=form.cleaned_data["email"],
                actor=member.user,
                language=get_language() or "id",
            )
        except DomainError as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("We wrote to %(email)s.") % {"email": invitation.email})
            return redirect("portal:team", member.vendor.slug)
    return _team_page(request, member, form, status=422)


@owner_view
@require_POST
def team_remove(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """End somebody's work in the shop."""
    try:
        remove_member(vendor_id=member.vendor.pk, member_id=pk, actor=member.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Removed from the team."))
    return redirect("portal:team", member.vendor.slug)


@owner_view
@require_POST
def team_withdraw(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """Make an open invitation worthless."""
    withdraw_invitation(vendor_id=member.vendor.pk, invitation_id=pk, actor=member.user)
    messages.success(request, _("Invitation withdrawn."))
    return redirect("portal:team", member.vendor.slug)


def _team_page(request: HttpRequest, member: VendorMember, form: InviteForm, *, status: int = 200) -> HttpResponse:
    vendor = member.vendor
    owner = is_owner(member)
    context = {
        **frame(member, "team"),
        "people": vendor.members.filter(is_active=True).select_related("user").order_by("role", "user__name"),
        "invitations": vendor.invitations.filter(expires_at__gt=timezone.now()) if owner else [],
        "form": form,
    }
    return render(request, "portal/team.html", context, status=status)


@login_required
@throttle("team-accept", rate="20/h", by="user")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the letter: who invites, to what, and one button."""
    user = cast(User, request.user)
    found = open_invitation(token)
    if found is None:
        return render(request, "portal/invitation.html", {"invitation": None}, status=404)
    if request.method == "POST":
        try:
            member = accept_invitation(token=token, user=user)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("portal:invitation", token)
        messages.success(request, _("Welcome to %(shop)s.") % {"shop": found.vendor.name})
        return redirect("portal:today", member.vendor.slug)
    context = {"invitation": found, "is_mine": is_for(invitation=found, user=user)}
    return render(request, "portal/invitation.html", context)
