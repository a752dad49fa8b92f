"""Handing an application to the agency, for the first time or again."""

import json
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from marketplace.accounts.models import User
from marketplace.accounts.selectors import agency_for_region
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError
from marketplace.notifications.services import notify
from marketplace.reference.models import Region
from umkm.registration import clock
from umkm.registration.answers import as_texts
from umkm.registration.lock_objects import lock_application
from umkm.registration.models import ApplicationRound, VendorApplication
from umkm.registration.selectors import NIB, gaps_of, open_returns
from umkm.registration.services import own_editable

# The words that owners consent to; a change of the words is a new version (templates/registration/consent.html).
CONSENT_VERSION = "2026-11-2"
STATUS = VendorApplication.Status


@transaction.atomic
def submit_application(
    *, application_id: int, actor: User, consents: bool = False, expected_version: int | None = None
) -> VendorApplication:
    """Hand the application to the agency of the region in which the business lies, for the first time or again.

    Keeps what was submitted as a round, sets the date by which the agency decides, tells the owner and the agency.
    Submitting what is submitted already changes nothing.

    Raises NotAllowed when it is not the owner's turn, DomainError `application.incomplete` (field: the first gap's),
    `application.no_consent`, `application.not_fixed`, `application.stale`, or `application.no_agency`.
    """
    application = lock_application(application_id)
    if application.owner_id == actor.pk and application.status in VendorApplication.AWAITING:
        return application
    application = own_editable(application_id=application_id, actor=actor)
    is_again = application.status == STATUS.RETURNED
    if expected_version is not None and expected_version != application.version:
        raise DomainError(
            _("This registration changed since you looked at it. Look it over again, then submit."),
            code="application.stale",
        )
    _refuse_unfinished(application, consents=consents)
    village = cast(Region, application.village)
    agency = application.agency or agency_for_region(village.code)
    if agency is None:
        raise DomainError(
            _("No agency looks after this region yet. Choose the village where your business really is."),
            code="application.no_agency",
            field="village",
        )
    now = timezone.now()
    fields: dict[str, Any] = {
        "agency": agency,
        "round": application.round + 1,
        "version": application.version + 1,
        "submitted_at": now,
        "due_at": clock.due_again(now, application.paused_days_left) if is_again else clock.first_due(now),
        "paused_at": None,
        "paused_days_left": None,
        "claimed_by": None,
        "claimed_at": None,
        "letter": "",
        "fix_by": None,
    }
    if not is_again:
        fields |= {"consent_version": CONSENT_VERSION, "consented_at": now}
    VendorApplication.MACHINE.advance(application, STATUS.SUBMITTED, **fields)
    _keep_round(application, now)
    record(
        action="registration.resubmitted" if is_again else "registration.submitted",
        target=application,
        actor=actor,
        data={"round": application.round, "consent": application.consent_version},
    )
    _tell_about_submission(application)
    return application


def _refuse_unfinished(application: VendorApplication, *, consents: bool) -> None:
    gaps = gaps_of(application)
    if gaps:
        raise DomainError(
            _("Something is still missing: %(what)s.") % {"what": ", ".join(dict.fromkeys(gap.label for gap in gaps))},
            code="application.incomplete",
            field=gaps[0].field,
        )
    if application.status == STATUS.DRAFT and not consents:
        raise DomainError(
            _("We may only pass your data to the officer with your consent. Tick the box if you agree."),
            code="application.no_consent",
            field="consents",
        )
    open_ones = [item for item in open_returns(application) if not item.is_resolved]
    if open_ones:
        raise DomainError(
            _("Not everything that was returned is fixed yet. Fix it, or write why it stays as it is."),
            code="application.not_fixed",
            field=open_ones[0].field,
        )


def _keep_round(application: VendorApplication, submitted_at: datetime) -> None:
    application.documents.current().filter(kind__slug=NIB).update(number=application.nib)
    documents = {
        document.kind.slug: {
            "id": document.pk,
            "number": document.number,
            "issued_on": document.issued_on.isoformat() if document.issued_on else "",
            "expires_on": document.expires_on.isoformat() if document.expires_on else "",
            "sha256": document.sha256,
        }
        for document in application.documents.current().select_related("kind")
    }
    with override("id"):
        fields = as_texts(application)
    snapshot = {
        "fields": fields,
        "documents": documents,
        "wants_assistance_with": list(application.wants_assistance_with.values_list("slug", flat=True)),
    }
    ApplicationRound.objects.create(
        application=application,
        number=application.round,
        submitted_at=submitted_at,
        snapshot=json.dumps(snapshot, ensure_ascii=False),
    )


def _tell_about_submission(application: VendorApplication) -> None:
    agency, due_at = application.agency, application.due_at
    if agency is None or due_at is None:
        return
    context = {
        "code": application.code,
        "business": application.name,
        "agency": agency.name,
        "round": application.round,
        "due": date_format(timezone.localtime(due_at), "j F Y"),
    }
    owner = application.owner
    with override(owner.language):
        owner_context = {**context, "due": date_format(timezone.localtime(due_at), "j F Y")}
        notify(user=owner, kind="registration_submitted", context=owner_context, url=application.get_absolute_url())
    if agency.email:
        notify(
            email=agency.email,
            kind="registration_received",
            context=context,
            url=reverse("wagtailadmin_home"),
            key=f"{application.code}-{application.round}",
        )
