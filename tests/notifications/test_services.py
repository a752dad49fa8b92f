"""Telling people, in the site and by mail."""

from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from marketplace.notifications.models import Notification, NotificationPreference
from marketplace.notifications.selectors import unread_count
from marketplace.notifications.services import mark_read, notify
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import enqueue, process_due
from tests.factories.base import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def templates(tmp_path, settings):
    folder = tmp_path / "notifications"
    folder.mkdir()
    (folder / "test.subject.txt").write_text("Pesanan {{ number }}\n")
    (folder / "test.txt").write_text("Halo {{ name }}, {{ shop }}: {{ url }}\n")
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]


def test_a_person_reads_it_in_the_site_and_in_the_mail():
    user = UserFactory(name="Sri Wahyuni", language="id")

    notify(kind="test", user=user, url="/pesanan/1/", context={"number": "LN-1", "shop": "Toko 'Bu Sri' & Anak"})
    process_due()

    assert Notification.objects.get(user=user).title == "Pesanan LN-1"
    assert unread_count(user) == 1
    message = mail.outbox[0]
    assert message.to == [user.email]
    assert message.subject == "Pesanan LN-1"
    assert "Halo Sri, Toko 'Bu Sri' & Anak: http" in message.body
    assert "Toko &#x27;Bu Sri&#x27; &amp; Anak" in message.alternatives[0].content


def test_somebody_without_an_account_gets_a_mail():
    notify(kind="test", email="tamu@example.com", context={"number": "LN-2"})
    process_due()

    assert mail.outbox[0].to == ["tamu@example.com"]
    assert not Notification.objects.exists()


def test_a_kind_that_was_switched_off_is_not_mailed():
    user = UserFactory()
    NotificationPreference.objects.create(user=user, kind="test", by_mail=False)

    notify(kind="test", user=user, context={"number": "LN-3"})
    process_due()

    assert mail.outbox == []
    assert Notification.objects.filter(user=user).exists()


def test_a_line_break_in_a_name_does_not_break_the_subject():
    notify(kind="test", email="tamu@example.com", context={"number": "LN-4\nBcc: x@example.com"})
    process_due()

    assert mail.outbox[0].subject == "Pesanan LN-4 Bcc: x@example.com"


def test_reading_marks_only_ones_own():
    mine, other = UserFactory(), UserFactory()
    for user in (mine, other):
        notify(kind="test", user=user, context={"number": "LN-5"})

    assert mark_read(user=mine) == 1
    assert (unread_count(mine), unread_count(other)) == (0, 1)


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (
            "notifications.mail",
            {"kind": "order_link", "to": "sinta@contoh.id", "language": "id", "context": {"number": "LN-1"}},
        ),
        ("accounts.mail", {"to": ["sinta@contoh.id"], "subject": "Kata sandi", "text": "Ini tautannya."}),
    ],
)
def test_a_mail_that_is_refused_waits_and_nobodys_address_stands_in_the_log(monkeypatch, caplog, topic, payload):
    def refuse(self):
        raise SMTPRecipientsRefused({self.to[0]: (550, f"<{self.to[0]}>: no such mailbox".encode())})

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    enqueue(topic=topic, payload=payload)
    process_due(topics=[topic])
    waiting = OutboxMessage.objects.get(topic=topic)
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    assert "no such mailbox" in waiting.last_error
    assert "no such mailbox" in caplog.text
    assert "sinta@contoh.id" not in waiting.last_error + caplog.text
