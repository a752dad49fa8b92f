"""A key is rotated out without losing what it encrypted."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import InvalidToken
from django.core.management import call_command
from django.db import connection

from marketplace.accounts.models import User
from marketplace.accounts.services import set_second_factor
from marketplace.core.encryption import encrypted_fields
from tests.factories.base import UserFactory

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
pytestmark = pytest.mark.django_db


@pytest.fixture
def keys(settings):
    """Change the keys as a restart with another environment would: each field computes its ciphers once."""
    from marketplace.accounts.adapters import SecondFactorAdapter

    fields = [model._meta.get_field(name) for model, names in encrypted_fields() for name in names]
    fields.append(SecondFactorAdapter._cipher)

    def forget():
        for field in fields:
            for cached in ("keys", "f"):
                field.__dict__.pop(cached, None)

    def use(*salts: str):
        settings.SALT_KEY = list(salts)
        forget()

    yield use
    forget()


def stored(person: User) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_user WHERE id = %s", [person.pk])
        return cursor.fetchone()[0]


def test_the_old_key_can_go_after_everything_was_written_anew(keys, capsys):
    keys("old")
    person = UserFactory(phone="081234567890")
    set_second_factor(user=person, secret=SECRET)
    before = stored(person)
    assert "0812" not in before

    keys("new", "old")
    assert User.objects.get(pk=person.pk).phone == "081234567890"
    call_command("encrypt_anew")
    assert "accounts.User: 1" in capsys.readouterr().out
    assert stored(person) != before

    keys("new")
    assert User.objects.get(pk=person.pk).phone == "081234567890"
    authenticator = Authenticator.objects.get(user=person).wrap()
    assert isinstance(authenticator, TOTP)


def test_what_no_key_can_read_is_left_as_it_is(keys):
    keys("old")
    person = UserFactory(phone="081234567890")
    before = stored(person)
    keys("new")
    with pytest.raises(InvalidToken):
        call_command("encrypt_anew")
    assert stored(person) == before


def test_personal_data_is_among_what_is_encrypted():
    names = {model._meta.label: set(fields) for model, fields in encrypted_fields()}
    assert "phone" in names["accounts.User"]
    assert {"nik", "npwp", "phone"} <= names["vendors.VendorIdentity"]
    assert "amount" in names["vendors.VendorTurnover"]
    assert "phone" in names["orders.Order"]
