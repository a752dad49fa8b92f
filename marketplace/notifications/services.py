"""Telling people: in the site and by mail."""

from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone
from django.utils.translation import override

from marketplace.accounts.models import User
from marketplace.core.mails import send_now
from marketplace.notifications.models import Notification, NotificationPreference
from marketplace.outbox.services import enqueue

MAIL_TOPIC = "notifications.mail"


def notify(
    *,
    kind: str,
    context: dict[str, Any],
    user: User | None = None,
    email: str = "",
    language: str = "",
    url: str = "",
    key: str = "",
) -> None:
    """Tell `user` in the site and by mail, or only by mail somebody without an account. Call it inside the transaction.

    The words stand in `templates/notifications/<kind>.subject.txt` (also the title in the site) and `<kind>.txt`.

    Arguments:
        context: JSON values for the templates; whole objects would be stale by the time the mail is sent.
        language: of the mail; the user's own by default.
        url: where to read on, an address of the site that begins with `/`.
        key: a repeat with the same key while the mail waits is dropped.
    """
    language = language or (user.language if user else settings.LANGUAGE_CODE)
    address = user.email if user else email
    values = {**context, "url": settings.BASE_URL + url if url else "", "name": user.get_short_name() if user else ""}
    if user is not None:
        with override(language):
            title = _render_text(f"notifications/{kind}.subject.txt", values)
        Notification.objects.create(user=user, kind=kind, title=title[:200], url=url)
        if NotificationPreference.objects.filter(user=user, kind=kind, by_mail=False).exists():
            return
    if address:
        enqueue(
            topic=MAIL_TOPIC,
            key=key,
            payload={"kind": kind, "to": address, "language": language, "context": values},
        )


def send_mail(payload: dict[str, Any]) -> None:
    """Outbox handler: render and send one mail. Raises MailNotSent, and the outbox tries again later."""
    with override(payload["language"]):
        context = {**payload["context"], "site_name": settings.SITE_NAME, "base_url": settings.BASE_URL}
        subject = " ".join(_render_text(f"notifications/{payload['kind']}.subject.txt", context).split())
        text = _render_text(f"notifications/{payload['kind']}.txt", context)
        html = render_to_string("notifications/mail.html", {**context, "subject": subject, "text": text})
    send_now(subject=subject, text=text + "\n", html=html, to=[payload["to"]])


def _render_text(template_name: str, values: dict[str, Any]) -> str:
    """Plain text must not carry HTML escapes, whatever names people have."""
    # Not the backend's own render(), which escapes every template alike.
    template = get_template(template_name).template  # type: ignore[attr-defined]
    return str(template.render(Context(values, autoescape=False))).strip()


def mark_read(*, user: User, notification_id: int | None = None) -> int:
    """Mark one notification of `user`, or all of them, as read; return how many changed."""
    unread = Notification.objects.filter(user=user, read_at=None)
    if notification_id is not None:
        unread = unread.filter(pk=notification_id)
    return unread.update(read_at=timezone.now())
