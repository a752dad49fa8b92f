"""How allauth talks to the rest of the site: mails through the outbox, TOTP secrets encrypted."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.template.loader import render_to_string
from encrypted_fields.fields import EncryptedCharField

from marketplace.core.mails import send_now
from marketplace.outbox.services import enqueue

ACCOUNT_MAIL_TOPIC = "accounts.mail"


class AccountAdapter(DefaultAccountAdapter):
    def format_email_subject(self, subject: str) -> str:
        """Without the domain in brackets that allauth puts in front."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write the mail now, in the visitor's language, and let the worker send it."""
        message = self.render_mail(template_prefix, email, {"site_name": settings.SITE_NAME, **context})
        enqueue(
            topic=ACCOUNT_MAIL_TOPIC,
            payload={"to": list(message.to), "subject": message.subject, "text": message.body},
        )


def send_account_mail(payload: dict[str, Any]) -> None:
    """Outbox handler: send a mail about an account (verification, password reset). Raises MailNotSent."""
    html = render_to_string(
        "notifications/mail.html",
        {"site_name": settings.SITE_NAME, "subject": payload["subject"], "text": payload["text"]},
    )
    send_now(subject=payload["subject"], text=payload["text"], html=html, to=payload["to"])


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps TOTP secrets and recovery seeds encrypted with the site's rotating keys."""

    _cipher = EncryptedCharField()

    def encrypt(self, text: str) -> str:
        return self._cipher.f.encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._cipher.f.decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return settings.SITE_NAME
