"""What the site told me."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from marketplace.accounts.requests import SignedInRequest
from marketplace.notifications.selectors import latest_for
from marketplace.notifications.services import mark_read


@login_required
@require_GET
def notification_list(request: SignedInRequest) -> HttpResponse:
    """The newest notifications."""
    notifications = latest_for(request.user, limit=50)
    has_unread = any(notification.read_at is None for notification in notifications)
    return render(request, "notifications/list.html", {"notifications": notifications, "has_unread": has_unread})


@login_required
@require_POST
def mark_all_read(request: SignedInRequest) -> HttpResponse:
    """Nothing is new any more."""
    mark_read(user=request.user)
    return redirect("notifications:list")
