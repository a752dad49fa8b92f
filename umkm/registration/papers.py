"""Adding, completing, replacing and removing the papers of an application."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from marketplace.accounts.models import Officer, User
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError
from marketplace.reference.models import DocumentKind
from umkm.registration import services
from umkm.registration.files import CheckedFile
from umkm.registration.models import LegalDocument, VendorApplication
from umkm.registration.selectors import IDENTITY_CARD, expired_message, open_returns


@transaction.atomic
def attach_document(
    *,
    application_id: int,
    actor: User,
    kind_slug: str,
    checked: CheckedFile | None = None,
    number: str = "",
    issued_on: date | None = None,
    expires_on: date | None = None,
) -> LegalDocument:
    """Add a paper, or replace it, or complete what is known of the one that is there.

    What was replaced stays readable for the rounds in which it was submitted; what was never submitted is deleted.

    Arguments:
        checked: the looked-at file (files.check_upload); None keeps the file that is there.
        number, issued_on, expires_on: what stands on the paper; missing ones can follow later, before submitting.

    Raises NotAllowed when it is not the owner's turn; DomainError for an expired paper, dates that cannot be, a kind
    that does not exist or was not returned, or no file where none is there yet.
    """
    application = services.own_editable(application_id=application_id, actor=actor)
    kind = _kind(kind_slug)
    _refuse_what_was_in_order(application, kind)
    refuse_impossible_dates(issued_on=issued_on, expires_on=expires_on)
    before = application.documents.current().filter(kind=kind).first()
    if checked is None and before is None:
        raise DomainError(_("Choose a file, or take a photo."), code="document.no_file", field="file")
    if checked is None and before is not None and before.round <= application.round:
        # What an officer has seen is not changed; the same file goes into the next round as a paper of its own.
        checked = _same_file(before)
    details = {"number": number, "issued_on": issued_on, "expires_on": expires_on}
    if checked is None and before is not None:
        document = before
        for name, value in details.items():
            setattr(document, name, value)
        document.save(update_fields=list(details))
    else:
        document = _store(application, kind, actor, checked, before, details)
    application.wants_assistance_with.remove(kind)
    services.touch(application)
    record(
        action="registration.document_attached",
        target=application,
        actor=actor,
        data={"kind": kind.slug, "document": document.pk, "round": document.round},
    )
    return document


def _kind(slug: str) -> DocumentKind:
    kind = DocumentKind.objects.filter(slug=slug).first()
    if kind is None:
        raise DomainError(_("There is no such paper. Go back and choose one from the list."), code="document.kind")
    return kind


def _refuse_what_was_in_order(application: VendorApplication, kind: DocumentKind) -> None:
    """A returned application takes new papers and those that were returned; what was found in order stays."""
    if application.status != VendorApplication.Status.RETURNED:
        return
    accepted = application.documents.current().filter(kind=kind, round__lte=application.round)
    if accepted.exists() and kind.slug not in {item.document_kind for item in open_returns(application)}:
        raise DomainError(
            _("“%(field)s” was found in order and stays as it is.") % {"field": kind.display_name},
            code="application.not_returned",
        )


def refuse_impossible_dates(*, issued_on: date | None, expires_on: date | None, offers_help: bool = True) -> None:
    """Raise DomainError for an expired paper, one from the future, or one that ends before it begins.

    Arguments:
        offers_help: whether the owner can choose assistance beside it; the refusal then says so.
    """
    today = timezone.localdate()
    if expires_on is not None and expires_on < today:
        raise DomainError(
            expired_message(expires_on, offers_help=offers_help), code="document.expired", field="expires_on"
        )
    if issued_on is not None and issued_on > today:
        raise DomainError(
            _("%(date)s is still ahead. Look at the day it was issued again.")
            % {"date": date_format(issued_on, "j F Y")},
            code="document.future",
            field="issued_on",
        )
    if issued_on is not None and expires_on is not None and expires_on <= issued_on:
        raise DomainError(
            _("The last day lies before the day of issue. Look at both again."),
            code="document.dates",
            field="expires_on",
        )


def _same_file(document: LegalDocument) -> CheckedFile:
    with document.file.open("rb") as file:
        content = file.read()
    return CheckedFile(
        content=content,
        content_type=document.content_type,
        width=document.width,
        height=document.height,
        quality_hint=document.quality_hint,
    )


def save_paper(document: LegalDocument, checked: CheckedFile) -> LegalDocument:
    """Save a new paper with the file that was looked at. When the row is refused, the file does not stay behind."""
    for name in ("content_type", "size", "sha256", "width", "height", "quality_hint"):
        setattr(document, name, getattr(checked, name))
    document.file.save("paper", checked.as_file(), save=False)
    try:
        document.save()
    except Exception:
        document.file.storage.delete(str(document.file.name))
        raise
    return document


def _store(
    application: VendorApplication,
    kind: DocumentKind,
    actor: User,
    checked: CheckedFile | None,
    before: LegalDocument | None,
    details: Mapping[str, object],
) -> LegalDocument:
    if checked is None:
        raise ValueError("a new paper needs a file")
    if before is not None and before.round > application.round:
        services.forget_document(before)
    elif before is not None:
        application.documents.current().filter(pk=before.pk).update(is_current=False)
    return save_paper(
        LegalDocument(
            application=application, kind=kind, round=application.upcoming_round, uploaded_by=actor, **details
        ),
        checked,
    )


@transaction.atomic
def remove_document(*, application_id: int, actor: User, kind_slug: str) -> None:
    """Take a paper out of a draft again. Already gone is fine.

    Raises NotAllowed when it is not the owner's turn, DomainError for a paper that an officer has seen: it can be
    replaced, not removed.
    """
    application = services.own_editable(application_id=application_id, actor=actor)
    document = application.documents.current().filter(kind__slug=kind_slug).first()
    if document is None:
        return
    if document.round <= application.round:
        raise DomainError(
            _("The officer has seen this paper. Replace it with a new one instead."), code="document.submitted"
        )
    data = {"kind": kind_slug, "document": document.pk}
    earlier = application.documents.filter(kind__slug=kind_slug, is_current=False).order_by("-round", "-pk").first()
    services.forget_document(document)
    if earlier is not None:
        # In a returned application what was submitted before stands again.
        application.documents.filter(pk=earlier.pk).update(is_current=True)
    services.touch(application)
    record(action="registration.document_removed", target=application, actor=actor, data=data)


@transaction.atomic
def want_assistance(*, application_id: int, actor: User, kind_slug: str, wants: bool) -> None:
    """Note that the owner has no such paper yet and wants help with it, or take the note back.

    Raises NotAllowed when it is not the owner's turn, DomainError for the identity card, which nobody can do without.
    """
    application = services.own_editable(application_id=application_id, actor=actor)
    kind = _kind(kind_slug)
    _refuse_what_was_in_order(application, kind)
    if kind.slug == IDENTITY_CARD:
        raise DomainError(
            _("Without an identity card we cannot know whose business this is. Take a photo of it."),
            code="document.needed",
        )
    is_wanted = application.wants_assistance_with.filter(pk=kind.pk).exists()
    if is_wanted == wants:
        return
    if wants:
        application.wants_assistance_with.add(kind)
    else:
        application.wants_assistance_with.remove(kind)
    services.touch(application)
    record(
        action="registration.assistance_wanted" if wants else "registration.assistance_declined",
        target=application,
        actor=actor,
        data={"kind": kind.slug},
    )


def record_view(*, document: LegalDocument, officer: Officer) -> None:
    """Write down that an officer opened a paper. Every time: papers show more about people than anything else here."""
    record(
        action="registration.document_viewed",
        target=document,
        actor=officer.user,
        data={"kind": document.kind.slug, "application": document.application_id, "vendor": document.vendor_id},
    )
