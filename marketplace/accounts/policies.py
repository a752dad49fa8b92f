"""Who may give and take roles. Each answers (allowed, reason); the reason is for the person who asked."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from marketplace.accounts.models import OPERATORS, User
from marketplace.accounts.selectors import is_operator


def can_manage_people(*, user: Any) -> tuple[bool, str]:
    """Whether `user` may appoint and dismiss, and change how agencies are reached: operators only."""
    if is_operator(user):
        return True, ""
    return False, _("Only operators give and take roles. Ask one of them.")


def can_withdraw_operator(*, user: User) -> tuple[bool, str]:
    """Whether `user` may stop running the site: not as the last who does."""
    others = User.objects.filter(Q(groups__name=OPERATORS) | Q(is_superuser=True), is_active=True).exclude(pk=user.pk)
    if others.exists():
        return True, ""
    return False, _("Somebody has to run the site. Appoint another operator first.")
