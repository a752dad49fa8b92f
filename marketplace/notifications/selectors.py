"""Questions about notifications."""

from django.db import models

from marketplace.accounts.models import User
from marketplace.notifications.models import Notification


def latest_for(user: User, limit: int = 20) -> "models.QuerySet[Notification]":
    """The newest notifications of `user`."""
    return Notification.objects.filter(user=user)[:limit]


def unread_count(user: User) -> int:
    """How many notifications `user` has not read."""
    return Notification.objects.filter(user=user, read_at=None).count()
