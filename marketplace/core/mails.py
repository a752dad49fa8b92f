"""Sending a mail that the outbox has due."""

from collections.abc import Iterable
from smtplib import SMTPException

from django.core.mail import EmailMultiAlternatives


class MailNotSent(Exception):
    """The mail server refused a mail; its words, without whom the mail was for."""


def send_now(*, subject: str, text: str, html: str, to: Iterable[str]) -> None:
    """Send one mail as text and HTML. Raises MailNotSent when the server refuses it.

    What the server says names the address; that would stand in the log and on the operators' page.
    """
    addresses = list(to)
    mail = EmailMultiAlternatives(subject=subject, body=text, to=addresses)
    mail.attach_alternative(html, "text/html")
    try:
        mail.send()
    except SMTPException as refused:
        words = str(refused)
        for address in addresses:
            words = words.replace(address, "…")
        raise MailNotSent(words) from None
