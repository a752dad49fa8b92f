"""The shop's papers: what holds, until when, and sending a newer one to the agency."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from marketplace.core.refusals import show_refusal
from marketplace.reference.models import DocumentKind
from umkm.portal.access import frame, owner_view
from umkm.portal.forms_papers import RenewalForm
from umkm.registration.models import LegalDocument
from umkm.vendors.models import VendorMember
from umkm.verification import renewals
from umkm.verification.businesses import PaperLine, papers_of
from umkm.verification.models import PaperRenewal


@dataclass(frozen=True)
class PaperRow:
    """A paper of the shop, and what is under way about it."""

    line: PaperLine
    renewal: PaperRenewal | None
    can_renew: bool


@owner_view
@require_GET
@never_cache
def papers(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """Every paper with its state, and those that the shop does not have yet."""
    vendor = member.vendor
    latest = renewals.last_renewals(vendor)
    kinds = list(renewals.renewable_kinds())
    renewable = {kind.pk for kind in kinds}
    rows = [
        PaperRow(line, latest.get(line.document.kind_id), line.document.kind_id in renewable)
        for line in papers_of(vendor)
    ]
    there = {row.line.document.kind_id for row in rows}
    others = [(kind, latest.get(kind.pk)) for kind in kinds if kind.pk not in there]
    context = {
        **frame(member, "shop"),
        "rows": rows,
        "others": [(kind, renewal) for kind, renewal in others if renewal is None],
        "first_ones": [(kind, renewal) for kind, renewal in others if renewal is not None],
    }
    return render(request, "portal/papers.html", context)


@owner_view
@require_http_methods(["GET", "POST"])
@never_cache
@throttle("registration-upload", rate="120/h", by="user")
def renew(request: HttpRequest, member: VendorMember, kind: str) -> HttpResponse:
    """The form of one paper: photo or PDF, number, last day."""
    vendor = member.vendor
    wanted = renewals.renewable_kinds().filter(slug=kind).first()
    if wanted is None:
        raise Http404
    under_way = renewals.open_renewal(vendor, wanted)
    status = 200
    if request.method == "POST":
        form = RenewalForm(request.POST, request.FILES, kind=wanted, has_file=under_way is not None)
        if _send(member, wanted, form):
            messages.success(
                request,
                _("Sent to %(agency)s. What you had until now holds until an officer has looked at it.")
                % {"agency": vendor.agency.name},
            )
            return redirect("portal:papers", vendor.slug)
        under_way = renewals.open_renewal(vendor, wanted)
        form.has_file = under_way is not None
        status = 422
    else:
        form = RenewalForm(kind=wanted, has_file=under_way is not None)
    last = PaperRenewal.objects.filter(vendor=vendor, kind=wanted).select_related("document").order_by("-pk").first()
    context = {
        **frame(member, "shop"),
        "form": form,
        "kind": wanted,
        "current": LegalDocument.objects.current().filter(vendor=vendor, kind=wanted).first(),
        "under_way": under_way,
        "last": last,
    }
    return render(request, "portal/paper_renew.html", context, status=status)


def _send(member: VendorMember, kind: DocumentKind, form: RenewalForm) -> bool:
    """Send what is whole. Of a form with a mistake the good photo is kept, so that it is not chosen twice."""
    who: dict[str, Any] = {"vendor_id": member.vendor_id, "actor": member.user, "kind_slug": kind.slug}
    is_valid = form.is_valid()
    checked = form.cleaned_data.get("file")
    try:
        if is_valid:
            details = {name: form.cleaned_data[name] for name in form.fields if name != "file"}
            renewals.send_renewal(**who, checked=checked, **details)
            return True
        if checked is not None:
            renewals.keep_file(**who, checked=checked)
    except DomainError as error:
        show_refusal(form, error)
    return False


@owner_view
@require_POST
def withdraw(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """Take a paper back that no officer has decided about yet."""
    renewals.withdraw_renewal(vendor_id=member.vendor_id, renewal_id=pk, actor=member.user)
    messages.success(request, _("Taken back."))
    return redirect("portal:papers", member.vendor.slug)
