"""Questions about people."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db import models

from marketplace.accounts.models import EDITORS, OPERATORS, Agency, Officer, User


def officer_of(user: Any) -> Officer | None:
    """The active officer record of `user`, or None for everyone else, anonymous visitors included."""
    if not user.is_authenticated or not user.is_active:
        return None
    return Officer.objects.select_related("agency__region", "user").filter(user=user, is_active=True).first()


def is_operator(user: Any) -> bool:
    """Whether `user` runs the site."""
    return bool(user.is_authenticated and (user.is_superuser or user.groups.filter(name=OPERATORS).exists()))


def is_editor(user: Any) -> bool:
    """Whether `user` writes the site's pages."""
    return bool(user.is_authenticated and user.groups.filter(name=EDITORS).exists())


def agency_for_region(code: str) -> Agency | None:
    """The agency whose region (a regency or city) contains the region with this Kemendagri code."""
    return Agency.objects.filter(region_id=".".join(code.split(".")[:2])).first()


def find_person(email: str) -> User | None:
    """The person who signs in with this address and has shown that it is theirs; None for everyone else."""
    address = EmailAddress.objects.filter(email__iexact=email.strip(), verified=True, user__is_active=True)
    found = address.select_related("user").first()
    return found.user if found else None


def agencies_with_officers() -> "list[Agency]":
    """Every agency with its active officers in `active_officers`, by name; two queries."""
    officers = Officer.objects.filter(is_active=True).select_related("user").order_by("user__name", "pk")
    return list(Agency.objects.prefetch_related(models.Prefetch("officers", officers, to_attr="active_officers")))


def people_in(group_name: str) -> "list[User]":
    """Everyone in a group of the admin, by name."""
    return list(User.objects.filter(groups__name=group_name, is_active=True).order_by("name", "pk"))
