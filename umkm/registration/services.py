"""An owner's application from the first answer to its submission, and back again when it was returned."""

import secrets
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypedDict, cast

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.reference.models import Category, DocumentKind, Kbli, Region, Subsector
from umkm.registration import policies
from umkm.registration.answers import BY_KEY, as_texts, keys_beside
from umkm.registration.lock_objects import lock_application
from umkm.registration.models import ApplicationRound, FieldReturn, LegalDocument, VendorApplication
from umkm.registration.selectors import NIB, latest_round, open_returns

STATUS = VendorApplication.Status


class Answers(TypedDict, total=False):
    """What an owner may say; what is left out stays as it is."""

    owner_name: str
    nik: str | None
    npwp: str | None
    phone: str | None
    nib: str
    has_no_nib: bool
    name: str
    story: str
    subsector: Subsector | None
    kbli: Kbli | None
    categories: Iterable[Category]
    village: Region | None
    address: str
    latitude: Decimal | None
    longitude: Decimal | None
    size_class: str
    founded_year: int | None
    turnover: int | None


@transaction.atomic
def start_application(*, owner: User) -> VendorApplication:
    """Begin a registration, or return the draft that `owner` began before: there is never more than one."""
    draft = VendorApplication.objects.filter(owner=owner, status=STATUS.DRAFT).first()
    if draft is not None:
        return draft
    try:
        with transaction.atomic():
            # The code carries the row's number, which is known only once the row is there.
            application = VendorApplication.objects.create(
                owner=owner, code=secrets.token_hex(10), owner_name=owner.name, phone=owner.phone
            )
    except IntegrityError:
        # A second click was faster.
        return VendorApplication.objects.get(owner=owner, status=STATUS.DRAFT)
    application.code = f"UMKM-{timezone.localdate().year}-{application.pk:06d}"
    application.save(update_fields=["code"])
    record(action="registration.started", target=application, actor=owner)
    return application


@transaction.atomic
def save_identity(
    *, application_id: int, actor: User, answers: Answers, expected_version: int | None = None
) -> VendorApplication:
    """Save what the owner says of themselves; see save_answers()."""
    return save_answers(application_id=application_id, actor=actor, answers=answers, expected_version=expected_version)


@transaction.atomic
def save_business(
    *, application_id: int, actor: User, answers: Answers, expected_version: int | None = None
) -> VendorApplication:
    """Save what the owner says of the business; see save_answers()."""
    return save_answers(application_id=application_id, actor=actor, answers=answers, expected_version=expected_version)


@transaction.atomic
def save_answers(
    *, application_id: int, actor: User, answers: Answers, expected_version: int | None = None
) -> VendorApplication:
    """Save those answers that are given; the others stay. Of a returned application only what was returned may change.

    Arguments:
        answers: cleaned values; categories as a collection of Category.
        expected_version: the version that the person saw; None saves over whatever is there.

    Raises NotAllowed when it is not the owner's turn, DomainError `application.stale` when somebody (another device)
    saved in between, and `application.not_returned` for an answer that nobody asked to fix.
    """
    application = own_editable(application_id=application_id, actor=actor)
    if expected_version is not None and expected_version != application.version:
        raise DomainError(
            _(
                "This registration was changed on another device at %(time)s. What you typed is still here: "
                "look it over, then save once more."
            )
            % {"time": date_format(timezone.localtime(application.saved_at), "H:i")},
            code="application.stale",
        )
    _refuse_what_was_not_returned(application, answers)
    changed = _write(application, dict(answers))
    if changed:
        touch(application)
        record(action="registration.saved", target=application, actor=actor, data={"fields": sorted(changed)})
    return application


def own_editable(*, application_id: int, actor: User) -> VendorApplication:
    """The application, locked, when it is `actor`'s own and the next step is theirs; raises NotAllowed otherwise."""
    application = lock_application(application_id)
    allowed, why_not = policies.can_edit(user=actor, application=application)
    if not allowed:
        raise NotAllowed(why_not)
    return application


def _refuse_what_was_not_returned(application: VendorApplication, answers: Answers) -> None:
    if application.status != STATUS.RETURNED:
        return
    may_change = returned_keys(application)
    extra = set(answers) - may_change
    if extra:
        label = BY_KEY[sorted(extra)[0]].label
        raise DomainError(
            _("“%(field)s” was found in order and stays as it is.") % {"field": label},
            code="application.not_returned",
        )


def returned_keys(application: VendorApplication) -> set[str]:
    """The answers that may change while the application is returned. Answers that share a field come back together."""
    return {key for item in open_returns(application) for key in keys_beside(item.field)}


def _write(application: VendorApplication, answers: dict[str, Any]) -> set[str]:
    """Set what differs and return the keys that did."""
    categories = answers.pop("categories", None)
    changed = {key for key, value in answers.items() if getattr(application, key) != value}
    for key in changed:
        setattr(application, key, answers[key])
    if changed:
        application.save(update_fields=sorted(changed))
    if categories is not None:
        wanted = {category.pk for category in categories}
        if wanted != set(application.categories.values_list("pk", flat=True)):
            application.categories.set(wanted)
            changed.add("categories")
    if "has_no_nib" in changed:
        nib = DocumentKind.objects.filter(slug=NIB)
        if application.has_no_nib:
            application.wants_assistance_with.add(*nib)
        else:
            application.wants_assistance_with.remove(*nib)
    return changed


def touch(application: VendorApplication) -> None:
    """Count a change of a locked application, and see which returned fields it fixed."""
    application.version += 1
    application.saved_at = timezone.now()
    application.save(update_fields=["version", "saved_at"])
    _settle_returns(application)


def _settle_returns(application: VendorApplication) -> None:
    """Mark what differs from what was submitted as fixed, and what was put back as open again."""
    returns = open_returns(application)
    if not returns:
        return
    submitted = cast(ApplicationRound, latest_round(application)).as_submitted
    texts = as_texts(application)
    uploaded = set(
        application.documents.current().filter(round__gt=application.round).values_list("kind__slug", flat=True)
    )
    wanted = set(application.wants_assistance_with.values_list("slug", flat=True))
    wanted_then = set(submitted.get("wants_assistance_with", ()))
    for item in returns:
        if item.document_kind:
            is_fixed = item.document_kind in uploaded or item.document_kind in wanted - wanted_then
        else:
            same_field = [
                key for key in BY_KEY if item.field in BY_KEY and BY_KEY[key].field == BY_KEY[item.field].field
            ]
            is_fixed = any(texts[key] != submitted["fields"].get(key, "") for key in same_field)
        is_fixed = is_fixed or bool(item.answer)
        if is_fixed != item.is_resolved:
            item.resolved_at = timezone.now() if is_fixed else None
            item.save(update_fields=["resolved_at"])


@transaction.atomic
def answer_return(*, application_id: int, return_id: int, actor: User, answer: str) -> FieldReturn:
    """Say why a returned field stays as it is, instead of changing it. An empty answer opens it again.

    Raises DomainError when it is not asked for any more, or the application is not this person's to change.
    """
    application = own_editable(application_id=application_id, actor=actor)
    item = next((item for item in open_returns(application) if item.pk == return_id), None)
    if item is None:
        raise DomainError(_("This is no longer asked of you. Reload the page."), code="application.not_returned")
    if item.answer != answer.strip():
        item.answer = answer.strip()
        item.save(update_fields=["answer"])
        touch(application)
        item.refresh_from_db()
        record(action="registration.return_answered", target=application, actor=actor, data={"field": item.field})
    return item


@transaction.atomic
def withdraw_application(*, application_id: int, actor: User) -> VendorApplication:
    """Take an application back. A draft's papers, which no officer ever saw, are deleted. Already withdrawn is fine.

    Raises NotAllowed for anyone but the owner, and once it is decided.
    """
    application = lock_application(application_id)
    allowed, why_not = policies.can_withdraw(user=actor, application=application)
    if not allowed:
        raise NotAllowed(why_not)
    was_draft = application.status == STATUS.DRAFT
    changed = VendorApplication.MACHINE.advance(
        application,
        STATUS.WITHDRAWN,
        version=application.version + 1,
        due_at=None,
        claimed_by=None,
        claimed_at=None,
    )
    if not changed:
        return application
    if was_draft:
        for document in application.documents.all():
            forget_document(document)
    record(action="registration.withdrawn", target=application, actor=actor, data={"round": application.round})
    return application


def forget_document(document: LegalDocument) -> None:
    """Delete a paper and, once that is certain, its file. For unseen papers, and people who are erased."""
    storage, name = document.file.storage, str(document.file.name)
    document.delete()
    transaction.on_commit(lambda: storage.delete(name))
