"""A person's registrations and papers as a holding (marketplace.accounts.privacy)."""

import json
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.accounts.models import User
from marketplace.accounts.privacy import Blocker, Consent, Holding
from marketplace.reference.models import DocumentKind
from umkm.registration.answers import as_texts
from umkm.registration.models import ApplicationRound, ApplicationStatus, VendorApplication
from umkm.registration.selectors import applications_of
from umkm.registration.services import forget_document

UNDER_WAY = (*VendorApplication.AWAITING, ApplicationStatus.RETURNED)
PERSONAL = ("owner_name", "nik", "npwp", "phone", "address", "latitude", "longitude", "turnover")


def export(user: User) -> list[dict[str, Any]]:
    """Every registration with its answers, papers (the files open at their address), letters and consent."""
    own = VendorApplication.objects.owned_by(user).select_related("village__parent__parent", "subsector", "kbli")
    return [
        {
            "code": application.code,
            "status": application.status,
            "begun": application.created_at.isoformat(),
            "submitted": application.submitted_at.isoformat() if application.submitted_at else None,
            "consented": application.consented_at.isoformat() if application.consented_at else None,
            "consent": application.consent_version,
            "letter": application.letter,
            "answers": as_texts(application),
            "papers": [
                {
                    "kind": paper.kind.name,
                    "number": paper.number,
                    "issued": paper.issued_on.isoformat() if paper.issued_on else None,
                    "expires": paper.expires_on.isoformat() if paper.expires_on else None,
                    "uploaded": paper.uploaded_at.isoformat(),
                    "file": paper.get_absolute_url(),
                }
                for paper in application.documents.all()
            ],
        }
        for application in own.prefetch_related("documents__kind", "categories").order_by("pk")
    ]


def blockers(user: User) -> list[Blocker]:
    """A registration that is being checked has to be decided or withdrawn first."""
    return [
        Blocker(
            _("The registration %(code)s is not decided yet. Withdraw it, or wait for the answer.")
            % {"code": application.code},
            application.get_absolute_url(),
            _("Look at it"),
        )
        for application in VendorApplication.objects.owned_by(user).filter(status__in=UNDER_WAY).order_by("pk")
    ]


def consents(user: User) -> list[Consent]:
    """What the person agreed to when they submitted a registration."""
    return [
        Consent(
            what=_("%(agency)s processes the registration %(code)s of %(business)s.")
            % {"agency": application.agency, "code": application.code, "business": application.name},
            given_on=timezone.localtime(application.consented_at).date(),
            how_to_withdraw=_how_to_withdraw(application),
            url=application.get_absolute_url(),
        )
        for application in applications_of(user)
        if application.consented_at and application.agency and application.status != ApplicationStatus.WITHDRAWN
    ]


def _how_to_withdraw(application: VendorApplication) -> str:
    if application.status in UNDER_WAY:
        return _("Withdraw the registration: from then on nobody processes it.")
    agency = application.agency
    contact = (agency.email or agency.phone or agency.short_name) if agency else ""
    return _(
        "Write to the agency (%(contact)s). Processing stops within 3 × 24 hours and your shop closes; what was done "
        "before stays lawful."
    ) % {"contact": contact}


def erase(user: User) -> None:
    """Drafts go. Of decided registrations the decision stays, without identity, contact, address, sales and ID card."""
    for application in VendorApplication.objects.owned_by(user):
        is_unseen = application.round == 0
        for paper in application.documents.select_related("kind"):
            if is_unseen or paper.kind.is_identity:
                forget_document(paper)
        if is_unseen:
            application.delete()
            continue
        VendorApplication.objects.filter(pk=application.pk).update(
            owner_name="", nik=None, npwp=None, phone=None, address="", latitude=None, longitude=None, turnover=None
        )
        for submitted in ApplicationRound.objects.filter(application=application):
            _forget_round(submitted)


def _forget_round(submitted: ApplicationRound) -> None:
    kept = submitted.as_submitted
    identity = set(DocumentKind.objects.filter(is_identity=True).values_list("slug", flat=True))
    kept["fields"] = {key: "" if key in PERSONAL else value for key, value in kept.get("fields", {}).items()}
    kept["documents"] = {slug: paper for slug, paper in kept.get("documents", {}).items() if slug not in identity}
    ApplicationRound.objects.filter(pk=submitted.pk).update(snapshot=json.dumps(kept))


REGISTRATIONS = Holding(
    key="registrations",
    label=gettext_lazy("Your registrations: answers, papers, what the officer wrote"),
    kept_after=gettext_lazy("The decision about your business and its permits, without your identity and contact."),
    export=export,
    erase=erase,
    blockers=blockers,
    consents=consents,
    order=30,
)
