"""Questions about people."""

from typing import Any

from marketplace.accounts.models import EDITORS, OPERATORS, Agency, Officer


def officer_of(user: Any) -> Officer | None:
    """The active officer record of `user`, or None for everyone else, anonymous visitors included."""
    if not user.is_authenticated or not user.is_active:
        return None
    return Officer.objects.select_related("agency__region", "user").filter(user=user, is_active=True).first()


def is_operator(user: Any) -> bool:
    """Whether `user` runs the site."""
    return bool(
        user.is_authenticated and (user.is_superuser or user.groups.filter(name=OPERATORS).exists())
    )


def is_editor(user: Any) -> bool:
    """Whether `user` writes the site's pages."""
    return bool(user.is_authenticated and user.groups.filter(name=EDITORS).exists())


def agency_for_region(code: str) -> Agency | None:
    """The agency whose region (a regency or city) contains the region with this Kemendagri code."""
    return Agency.objects.filter(region_id=".".join(code.split(".")[:2])).first()
