"""Signing up, signing in, and who may enter the admin."""

import re
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from marketplace.accounts import services
from marketplace.accounts.models import EDITORS, OFFICERS, OPERATORS, User
from marketplace.accounts.second_factor import code_of_now
from marketplace.accounts.selectors import agency_for_region, is_editor, is_operator, officer_of
from marketplace.audit.models import AuditEvent
from marketplace.outbox.services import process_due
from tests.factories import base
from tests.factories.base import UserFactory
from tests.roles import TOTP_SECRET, sign_in

pytestmark = pytest.mark.django_db
PASSWORD = "wedang-jahe-anget-7"


def test_a_person_signs_up_confirms_and_is_signed_in(client):
    response = client.post(
        "/akun/signup/", {"email": "rina@example.com", "password1": PASSWORD, "name": "Rina Ayu"}, follow=True
    )
    assert response.status_code == 200
    process_due()
    link = re.search(r"http://\S+/akun/confirm-email/\S+", mail.outbox[0].body).group()

    response = client.get(link.replace("http://testserver", ""), follow=True)

    user = User.objects.get(email="rina@example.com")
    assert (user.name, user.language) == ("Rina Ayu", "id")
    assert response.redirect_chain[-1][0] == reverse("accounts:home")


def test_before_the_address_is_confirmed_nobody_gets_in(client):
    client.post("/akun/signup/", {"email": "rina@example.com", "password1": PASSWORD, "name": "Rina"})

    response = client.post("/akun/login/", {"login": "rina@example.com", "password": PASSWORD})

    assert "confirm-email" in response.headers["Location"]
    assert client.get(reverse("accounts:home")).status_code == 302


def test_a_forgotten_password_is_reset_by_mail(client):
    user = services.register_person(email="rina@example.com", name="Rina", password=PASSWORD)

    client.post("/akun/password/reset/", {"email": user.email})
    process_due()
    link = re.search(r"http://testserver(/akun/password/reset/key/\S+)", mail.outbox[0].body).group(1)
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": "kopi-dampit-pahit-3", "password2": "kopi-dampit-pahit-3"})

    user.refresh_from_db()
    assert user.check_password("kopi-dampit-pahit-3")


def test_signing_in_with_a_second_factor_opens_the_admin(client):
    services.ensure_groups()
    user = services.register_person(email="petugas@example.com", name="Petugas", password=PASSWORD)
    services.appoint_officer(user=user, agency=base.agency())
    services.set_second_factor(user=user, secret=TOTP_SECRET)

    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/akun/login/")
    response = client.post("/akun/login/?next=/admin/", {"login": user.email, "password": PASSWORD})
    assert response.headers["Location"].startswith("/akun/2fa/authenticate/")
    assert client.get("/admin/").status_code == 302
    response = client.post(response.headers["Location"], {"code": code_of_now(TOTP_SECRET)})

    assert response.headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


@pytest.fixture
def with_app():
    """Somebody whose authenticator app is set up."""
    user = services.register_person(email="petugas@example.com", name="Petugas", password=PASSWORD)
    services.set_second_factor(user=user, secret=TOTP_SECRET)
    return user


def a_moment(*, seconds: int = 0) -> datetime:
    """A moment that begins a step of the second factor, and so many seconds later."""
    return datetime(2026, 11, 20, 9, 0, seconds, tzinfo=UTC)


def with_code(user: User, code: str) -> HttpResponse:
    """The answer to somebody who gives this code after the right password."""
    client = Client()
    client.post("/akun/login/?next=/admin/", {"login": user.email, "password": PASSWORD})
    return client.post("/akun/2fa/authenticate/?next=/admin/", {"code": code})


@pytest.mark.parametrize(("steps_ago", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_code_before_and_the_one_after_hold_too(time_machine, with_app, steps_ago, is_taken):
    time_machine.move_to(a_moment(), tick=False)

    response = with_code(with_app, code_of_now(TOTP_SECRET, steps_ago=steps_ago))

    assert (response.status_code == 302) is is_taken


def test_a_code_holds_once(time_machine, with_app):
    time_machine.move_to(a_moment(), tick=False)
    code = code_of_now(TOTP_SECRET)
    assert with_code(with_app, code).status_code == 302

    # Within the tolerance, and after the library has forgotten that it was taken.
    time_machine.move_to(a_moment(seconds=45), tick=False)
    again = with_code(with_app, code)

    assert again.status_code == 200
    assert again.context["form"].errors["code"]
    assert with_code(with_app, code_of_now(TOTP_SECRET)).status_code == 302


@pytest.mark.parametrize("appoint", [services.appoint_editor, services.appoint_operator])
def test_without_a_second_factor_nobody_enters_the_admin(client, appoint):
    services.ensure_groups()
    user = UserFactory()
    appoint(user=user)
    sign_in(client, user)

    response = client.get("/admin/pages/")

    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("mfa_activate_totp"))


def test_a_session_that_never_showed_the_second_factor_is_asked_for_it(client):
    services.ensure_groups()
    user = UserFactory()
    services.appoint_editor(user=user)
    services.set_second_factor(user=user, secret=TOTP_SECRET)
    sign_in(client, user)

    response = client.get("/admin/")

    assert response.headers["Location"].startswith(reverse("mfa_reauthenticate"))


def test_a_buyer_does_not_enter_the_admin(client):
    sign_in(client, UserFactory(), second_factor=True)

    assert client.get("/admin/pages/").status_code == 403


def test_secrets_and_phones_are_unreadable_in_the_database():
    user = UserFactory(phone="+6281234567890")
    services.set_second_factor(user=user, secret=TOTP_SECRET)

    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_user WHERE id = %s", [user.pk])
        stored_phone = cursor.fetchone()[0]

    assert "6281234567890" not in stored_phone
    assert TOTP_SECRET not in str(Authenticator.objects.get(user=user).data)
    assert User.objects.get(pk=user.pk).phone == "+6281234567890"


def test_keys_rotate(settings):
    user = UserFactory(phone="+6281234567890")
    field = User._meta.get_field("phone")
    old_key, settings.SECRET_KEY = settings.SECRET_KEY, "a-newer-key"
    settings.SECRET_KEY_FALLBACKS = [old_key]
    for name in ("keys", "f"):
        field.__dict__.pop(name, None)
    try:
        assert User.objects.get(pk=user.pk).phone == "+6281234567890"
    finally:
        for name in ("keys", "f"):
            field.__dict__.pop(name, None)


def test_roles_are_given_and_taken_with_a_trace():
    services.ensure_groups()
    boss, user = UserFactory(is_superuser=True), UserFactory()

    officer = services.appoint_officer(user=user, agency=base.agency(), actor=boss)
    assert officer_of(user) == officer
    assert user.groups.filter(name=OFFICERS).exists()

    services.dismiss_officer(officer=officer, actor=boss)
    assert officer_of(User.objects.get(pk=user.pk)) is None
    assert [event.action for event in AuditEvent.objects.order_by("id")] == [
        "accounts.officer_appointed",
        "accounts.officer_dismissed",
    ]


def test_editors_and_operators_are_told_apart():
    services.ensure_groups()
    editor, operator = UserFactory(), UserFactory()
    services.appoint_editor(user=editor)
    services.appoint_operator(user=operator)

    assert (is_editor(editor), is_operator(editor)) == (True, False)
    assert (is_editor(operator), is_operator(operator)) == (False, True)
    assert Group.objects.get(name=EDITORS).permissions.filter(codename="access_admin").exists()
    assert Group.objects.get(name=OPERATORS).permissions.filter(codename="access_admin").exists()


def test_each_region_finds_its_agency():
    agency = base.agency()

    assert agency_for_region("35.73.01.1002") == agency
    assert agency_for_region("35.78.01.1001") is None


def test_a_profile_keeps_what_was_typed_when_a_phone_is_wrong(client):
    user = UserFactory(name="Rina")
    sign_in(client, user)

    response = client.post(reverse("accounts:profile"), {"name": "Rina <b>Ayu</b>", "phone": "12", "language": "en"})

    assert response.status_code == 422
    assert "Rina &lt;b&gt;Ayu&lt;/b&gt;" in response.content.decode()
    user.refresh_from_db()
    assert user.name == "Rina"


def test_a_profile_is_saved_in_the_international_form(client):
    user = UserFactory(name="Rina")
    sign_in(client, user)

    client.post(reverse("accounts:profile"), {"name": "Rina Ayu", "phone": "0812 3456 7890", "language": "en"})

    user.refresh_from_db()
    assert (user.name, user.phone, user.language) == ("Rina Ayu", "+6281234567890", "en")
