"""The account itself as a holding, and the two services over all holdings: the copy and the erasure."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from wagtail.users.models import UserProfile

from marketplace.accounts.adapters import ACCOUNT_MAIL_TOPIC
from marketplace.accounts.models import User
from marketplace.accounts.privacy import Blocker, Holding, all_holdings, blockers_of
from marketplace.audit.models import AuditEvent
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError
from marketplace.core.locking import lock_rows
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import enqueue

# RFC 2606: a domain that never exists, so that nothing is ever sent to somebody else.
NOWHERE = "dihapus.invalid"
ERASED_NAME = "Akun dihapus"


def export_account(user: User) -> dict[str, Any]:
    """The account: what the person said, their addresses, how they sign in, and what they did that was written down."""
    return {
        "email": user.email,
        "name": user.name,
        "phone": user.phone or "",
        "language": user.language,
        "joined": user.date_joined.isoformat(),
        "last_sign_in": user.last_login.isoformat() if user.last_login else None,
        "email_addresses": [
            {"email": address.email, "verified": address.verified}
            for address in EmailAddress.objects.filter(user=user).order_by("pk")
        ],
        "signs_in_with": sorted(SocialAccount.objects.filter(user=user).values_list("provider", flat=True)),
        "second_factors": sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True)),
        "roles": sorted(user.groups.values_list("name", flat=True)),
        "actions": [
            {"at": event.created_at.isoformat(), "action": event.action}
            for event in AuditEvent.objects.filter(actor=user).only("created_at", "action").order_by("pk")
        ],
    }


def account_blockers(user: User) -> list[Blocker]:
    """Whoever works in the admin has to leave it first."""
    if not user.is_staff and not user.is_superuser:
        return []
    return [Blocker(_("You work in the admin. Ask an operator to end your role first."))]


def erase_account(user: User) -> None:
    """Nothing of the account tells who it was; its row stays, since what was done stays in the audit trail."""
    for message in OutboxMessage.objects.filter(state=OutboxMessage.State.DEAD):
        # Mails that were given up would still hold the address.
        if user.email in str(message.payload.get("to", "")):
            message.delete()
    EmailAddress.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    UserProfile.objects.filter(user=user).delete()
    user.email, user.name, user.phone = f"dihapus-{user.pk}@{NOWHERE}", ERASED_NAME, None
    user.is_active = False
    user.last_login = None
    user.set_unusable_password()
    user.save(update_fields=["email", "name", "phone", "is_active", "last_login", "password"])


ACCOUNT = Holding(
    key="account",
    label=gettext_lazy("Your account: name, addresses, phone, how you sign in, what you did"),
    kept_after=gettext_lazy("That something was done, without your name."),
    export=export_account,
    erase=erase_account,
    blockers=account_blockers,
    order=0,
)


def export_person(*, user: User) -> dict[str, Any]:
    """Everything that the site keeps about `user`, by slice, as JSON values. The download is written down."""
    data = {"site": settings.SITE_NAME, "exported_at": timezone.now().isoformat()}
    copy = data | {holding.key: holding.export(user) for holding in all_holdings()}
    record(action="accounts.data_exported", target=user, actor=user)
    return copy


@transaction.atomic
def erase_person(*, user_id: int) -> None:
    """Take a person out of everything that the site keeps; a last mail tells them. Erased already is fine.

    Orders and decisions stay without their name, as bookkeeping law asks (UU KUP, article 28: ten years). Raises
    DomainError, with every reason, while something stands in the way.
    """
    user = lock_rows(User.objects.filter(pk=user_id))[0]
    if user.email.endswith(f"@{NOWHERE}"):
        return
    blockers = blockers_of(user)
    if blockers:
        raise DomainError(" ".join(blocker.text for blocker in blockers), code="accounts.cannot_erase")
    record(action="accounts.erased", target=user, actor=user)
    _say_goodbye(user)
    for holding in reversed(all_holdings()):
        holding.erase(user)


def _say_goodbye(user: User) -> None:
    with override(user.language):
        context = {"name": user.get_short_name(), "site_name": settings.SITE_NAME}
        text = render_to_string("accounts/email/erased.txt", context).strip()
        subject = _("Your account at %(site)s is erased") % {"site": settings.SITE_NAME}
    enqueue(topic=ACCOUNT_MAIL_TOPIC, payload={"to": [user.email], "subject": subject, "text": text})
