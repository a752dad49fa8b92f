"""Giving people roles, and keeping their own data current."""

import json
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page
from wagtail.users.models import UserProfile

from marketplace.accounts import policies
from marketplace.accounts.models import EDITORS, OFFICERS, OPERATORS, Agency, Officer, User
from marketplace.accounts.selectors import is_editor
from marketplace.audit.services import record
from marketplace.core.exceptions import NotAllowed
from marketplace.core.locking import lock_rows
from marketplace.outbox.services import enqueue

OFFICER_LEFT_TOPIC = "accounts.officer_left"
"""An officer no longer works where they did: {"officer_id"}."""

DATA = Path(__file__).resolve().parent / "data"

# What each group may do in the admin besides entering it.
PAGE_PERMISSIONS = {EDITORS: ("add", "change", "publish"), OPERATORS: ("add", "change", "publish", "lock", "unlock")}
COLLECTION_PERMISSIONS = {
    EDITORS: ("add_image", "change_image", "choose_image", "add_document", "change_document", "choose_document"),
    OPERATORS: ("add_image", "change_image", "delete_image", "choose_image", "add_document", "choose_document"),
}
SEARCH_WORDS = (
    ("search", "synonymgroup", ("add", "change", "delete", "view")),
    ("search", "lexiconword", ("add", "change", "delete", "view")),
    ("search", "pinnedresult", ("add", "change", "delete", "view")),
)
MODEL_PERMISSIONS = {
    OFFICERS: SEARCH_WORDS,
    EDITORS: (
        *SEARCH_WORDS,
        ("cms", "siteidentity", ("change",)),
        ("cms", "navigation", ("change",)),
        ("wagtailredirects", "redirect", ("add", "change", "delete")),
    ),
    OPERATORS: (
        *SEARCH_WORDS,
        ("cms", "siteidentity", ("change",)),
        ("cms", "navigation", ("change",)),
        ("accounts", "agency", ("change", "view")),
        ("outbox", "outboxmessage", ("change", "view")),
        ("transfers", "transferterms", ("change",)),
        ("aftersales", "aftersalesterms", ("change",)),
        ("shipping", "shippingzone", ("change", "view")),
        ("shipping", "pickuppoint", ("change", "view")),
        ("wagtailcore", "site", ("add", "change")),
        ("wagtailredirects", "redirect", ("add", "change", "delete")),
    ),
}


@transaction.atomic
def ensure_groups() -> None:
    """Create the groups of the admin with their permissions. Harmless to repeat; needs migrated permissions."""
    root_page, root_collection = Page.get_first_root_node(), Collection.get_first_root_node()
    for name, models in MODEL_PERMISSIONS.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
        for app_label, model, verbs in models:
            group.permissions.add(
                *Permission.objects.filter(
                    content_type__app_label=app_label, codename__in=[f"{verb}_{model}" for verb in verbs]
                )
            )
        # People get their roles on the page for that, where each step is written down; never in the admin's own forms.
        group.permissions.remove(
            *Permission.objects.filter(content_type__app_label="accounts", content_type__model="user")
        )
        for codename in PAGE_PERMISSIONS.get(name, ()):
            permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=f"{codename}_page")
            GroupPagePermission.objects.get_or_create(group=group, page=root_page, permission=permission)
        for codename in COLLECTION_PERMISSIONS.get(name, ()):
            for permission in Permission.objects.filter(
                content_type__app_label__in=["wagtailimages", "wagtaildocs"], codename=codename
            ):
                GroupCollectionPermission.objects.get_or_create(
                    group=group, collection=root_collection, permission=permission
                )


@transaction.atomic
def ensure_agencies() -> None:
    """Create the three departments of Malang Raya. What an operator changed about one stays; needs loaded regions."""
    for row in json.loads((DATA / "agencies.json").read_text(encoding="utf-8")):
        region = row.pop("region")
        Agency.objects.get_or_create(region_id=region, defaults=row)


@transaction.atomic
def appoint_officer(*, user: User, agency: Agency, actor: User | None = None) -> Officer:
    """Let `user` decide and watch for `agency`. A person works for one agency; a second appointment moves them.

    Raises NotAllowed when `actor` is somebody else than an operator; None is the system (installation, demo).
    """
    _require_operator(actor)
    before = Officer.objects.filter(user=user).first()
    officer, _created = Officer.objects.update_or_create(user=user, defaults={"agency": agency, "is_active": True})
    _open_admin(user, OFFICERS)
    # Officers work through long lists; they can change it in their account.
    UserProfile.objects.get_or_create(user=user, defaults={"density": UserProfile.AdminDensityThemes.SNUG})
    record(action="accounts.officer_appointed", target=officer, actor=actor, data={"agency": agency.slug})
    if before is not None and before.agency_id != agency.pk:
        _let_go_of_work(officer)
    return officer


@transaction.atomic
def dismiss_officer(*, officer: Officer, actor: User) -> None:
    """End somebody's work for an agency; what they decided keeps their name. Dismissed already is fine.

    The cases that they hold go back to the queue. Raises NotAllowed unless `actor` is an operator.
    """
    _require_operator(actor)
    if not Officer.objects.filter(pk=officer.pk, is_active=True).update(is_active=False):
        return
    _close_admin(officer.user, OFFICERS)
    record(action="accounts.officer_dismissed", target=officer, actor=actor)
    _let_go_of_work(officer)


def _let_go_of_work(officer: Officer) -> None:
    """Whoever gives them work hears that it needs somebody else."""
    enqueue(topic=OFFICER_LEFT_TOPIC, key=str(officer.pk), payload={"officer_id": officer.pk})


@transaction.atomic
def appoint_editor(*, user: User, actor: User | None = None) -> None:
    """Let `user` write the site's pages. Raises NotAllowed as appoint_officer() does."""
    _require_operator(actor)
    _open_admin(user, EDITORS)
    record(action="accounts.editor_appointed", target=user, actor=actor)


@transaction.atomic
def appoint_operator(*, user: User, actor: User | None = None) -> None:
    """Let `user` run the site. Raises NotAllowed as appoint_officer() does."""
    _require_operator(actor)
    _open_admin(user, OPERATORS)
    record(action="accounts.operator_appointed", target=user, actor=actor)


@transaction.atomic
def withdraw_editor(*, user: User, actor: User) -> None:
    """End somebody's work on the pages; what they wrote stays. Raises NotAllowed unless `actor` is an operator."""
    _require_operator(actor)
    if is_editor(user):
        _close_admin(user, EDITORS)
        record(action="accounts.editor_withdrawn", target=user, actor=actor)


@transaction.atomic
def withdraw_operator(*, user: User, actor: User) -> None:
    """End somebody's running of the site. Raises NotAllowed unless `actor` is an operator, and for the last one."""
    # The group's row is the lock: two operators who withdraw each other at the same moment would leave none.
    lock_rows(Group.objects.filter(name=OPERATORS))
    _require_operator(actor)
    if not user.groups.filter(name=OPERATORS).exists():
        return
    allowed, why_not = policies.can_withdraw_operator(user=user)
    if not allowed:
        raise NotAllowed(why_not, code="accounts.last_operator")
    _close_admin(user, OPERATORS)
    record(action="accounts.operator_withdrawn", target=user, actor=actor)


def _require_operator(actor: User | None) -> None:
    if actor is None:
        return
    allowed, why_not = policies.can_manage_people(user=actor)
    if not allowed:
        raise NotAllowed(why_not)


def _open_admin(user: User, group_name: str) -> None:
    group, _created = Group.objects.get_or_create(name=group_name)
    user.groups.add(group)
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])


def _close_admin(user: User, group_name: str) -> None:
    user.groups.remove(*Group.objects.filter(name=group_name))
    if not user.is_superuser and not user.groups.filter(name__in=(OFFICERS, EDITORS, OPERATORS)).exists():
        user.is_staff = False
        user.save(update_fields=["is_staff"])


@transaction.atomic
def update_agency(
    *, agency_id: int, actor: User, name: str, short_name: str, email: str, phone: str, address: str
) -> None:
    """Save how an agency is called and reached, as owners read it. Raises NotAllowed unless `actor` is an operator."""
    _require_operator(actor)
    agency = lock_rows(Agency.objects.filter(pk=agency_id))[0]
    wanted = {"name": name, "short_name": short_name, "email": email, "phone": phone, "address": address}
    changed = [field for field, value in wanted.items() if getattr(agency, field) != value]
    if not changed:
        return
    Agency.objects.filter(pk=agency.pk).update(**{field: wanted[field] for field in changed})
    record(action="accounts.agency_updated", target=agency, actor=actor, data={"fields": sorted(changed)})


@transaction.atomic
def register_person(*, email: str, name: str, password: str | None, language: str = "id") -> User:
    """Create a person whose address is known to be theirs (imports, the demo), or return the one who is there."""
    existing = User.objects.filter(email=email.lower()).first()
    if existing is not None:
        return existing
    user = User.objects.create_user(email, password, name=name, language=language)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def set_second_factor(*, user: User, secret: str) -> None:
    """Give `user` a known TOTP secret. For the demo and tests only: real people scan their own QR code."""
    if not is_mfa_enabled(user):
        TOTP.activate(user, secret)


@transaction.atomic
def update_profile(*, user: User, name: str, phone: str, language: str) -> User:
    """Save what a person says about themselves."""
    user.name, user.phone, user.language = name, phone or None, language
    user.save(update_fields=["name", "phone", "language"])
    record(action="accounts.profile_updated", target=user, actor=user)
    return user
