"""What was told to a person, as a holding (marketplace.accounts.privacy)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.accounts.privacy import Holding
from marketplace.notifications.models import Notification, NotificationPreference


def export(user: User) -> dict[str, Any]:
    """Every message in the site, and the kinds of mail that were switched off."""
    return {
        "messages": [
            {
                "at": item.created_at.isoformat(),
                "title": item.title,
                "read": item.read_at.isoformat() if item.read_at else None,
            }
            for item in Notification.objects.filter(user=user)
        ],
        "mails_switched_off": sorted(
            NotificationPreference.objects.filter(user=user, by_mail=False).values_list("kind", flat=True)
        ),
    }


def erase(user: User) -> None:
    Notification.objects.filter(user=user).delete()
    NotificationPreference.objects.filter(user=user).delete()


NEWS = Holding(key="news", label=_("News for you, and which mails you want"), export=export, erase=erase, order=60)
