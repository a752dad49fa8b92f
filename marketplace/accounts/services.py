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

from marketplace.accounts.models import EDITORS, OFFICERS, OPERATORS, Agency, Officer, User
from marketplace.audit.services import record

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
)
MODEL_PERMISSIONS = {
    OFFICERS: SEARCH_WORDS,
    EDITORS: (
        *SEARCH_WORDS,
        ("cms", "siteidentity", ("change",)),
        ("cms", "navigation", ("change",)),
        ("wagtailredirects", "redirect", ("add", "change", "delete")),
        ("wagtailsearchpromotions", "searchpromotion", ("add", "change", "delete")),
    ),
    OPERATORS: (
        *SEARCH_WORDS,
        ("cms", "siteidentity", ("change",)),
        ("cms", "navigation", ("change",)),
        ("accounts", "user", ("add", "change", "view")),
        ("wagtailcore", "site", ("add", "change")),
        ("wagtailredirects", "redirect", ("add", "change", "delete")),
        ("wagtailsearchpromotions", "searchpromotion", ("add", "change", "delete")),
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
    """Let `user` decide and watch for `agency`. A person works for one agency; a second appointment moves them."""
    officer, _created = Officer.objects.update_or_create(user=user, defaults={"agency": agency, "is_active": True})
    _open_admin(user, OFFICERS)
    # Officers work through long lists; they can change it in their account.
    UserProfile.objects.get_or_create(user=user, defaults={"density": UserProfile.AdminDensityThemes.SNUG})
    record(action="accounts.officer_appointed", target=officer, actor=actor, data={"agency": agency.slug})
    return officer


@transaction.atomic
def dismiss_officer(*, officer: Officer, actor: User) -> None:
    """End somebody's work for an agency; what they decided keeps their name."""
    Officer.objects.filter(pk=officer.pk).update(is_active=False)
    officer.user.groups.remove(*Group.objects.filter(name=OFFICERS))
    record(action="accounts.officer_dismissed", target=officer, actor=actor)


@transaction.atomic
def appoint_editor(*, user: User, actor: User | None = None) -> None:
    """Let `user` write the site's pages."""
    _open_admin(user, EDITORS)
    record(action="accounts.editor_appointed", target=user, actor=actor)


@transaction.atomic
def appoint_operator(*, user: User, actor: User | None = None) -> None:
    """Let `user` run the site."""
    _open_admin(user, OPERATORS)
    record(action="accounts.operator_appointed", target=user, actor=actor)


def _open_admin(user: User, group_name: str) -> None:
    group, _created = Group.objects.get_or_create(name=group_name)
    user.groups.add(group)
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])


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
