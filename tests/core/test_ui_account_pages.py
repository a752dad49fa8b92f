"""Signing in, signing up and the second factor, in the site's look and words."""

import re

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

PASSWORD = "apel-manalagi-99"
ENTRANCES = {
    "account_login": "Sign in",
    "account_signup": "Make an account",
    "account_reset_password": "Forgot your password?",
    "account_reset_password_done": "Look into your mailbox",
    "account_email_verification_sent": "One more step: your mailbox",
}
OWN_PAGES = {
    "account_email": "Email addresses",
    "account_change_password": "Change the password",
    "account_logout": "Sign out?",
    "mfa_index": "Second factor",
    "mfa_activate_totp": "Switch on the second factor",
}


@pytest.fixture
def buyer(db, django_user_model):
    user = django_user_model.objects.create_user(email="lilis@example.com", password=PASSWORD)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def english(name: str) -> str:
    with translation.override("en"):
        return reverse(name)


def sign_in(client, user) -> None:
    client.post(english("account_login"), {"login": user.email, "password": PASSWORD})


def show_again_who_it_is(client) -> None:
    """What touches the safety of the account asks for the password once more."""
    assert_ours(client.get(english("account_reauthenticate")), "Is it you?")
    client.post(english("account_reauthenticate"), {"password": PASSWORD})


def assert_ours(answer, heading: str) -> None:
    assert answer.status_code == 200
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", answer.text) == [heading]
    assert '<a class="skip-link" href="#isi">' in answer.text
    assert "<p><label" not in answer.text  # no form in Django's plain drawing
    assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", answer.text)


@pytest.mark.parametrize("name, heading", ENTRANCES.items())
def test_entrances(client, db, name, heading):
    assert_ours(client.get(english(name)), heading)


@pytest.mark.parametrize("name, heading", OWN_PAGES.items())
def test_own_pages(client, buyer, name, heading):
    sign_in(client, buyer)
    show_again_who_it_is(client)

    assert_ours(client.get(english(name)), heading)


def test_second_factor_pages(client, buyer):
    sign_in(client, buyer)
    show_again_who_it_is(client)
    TOTP.activate(buyer, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(buyer)

    assert "10 codes are left" in client.get(english("mfa_index")).text
    assert_ours(client.get(english("mfa_deactivate_totp")), "Switch off the second factor?")
    assert_ours(client.get(english("mfa_generate_recovery_codes")), "Make new recovery codes?")
    codes = client.get(english("mfa_view_recovery_codes"))
    assert_ours(codes, "Recovery codes")
    assert len(re.findall(r"<li>\d{8}</li>", codes.text)) == 10


def test_signing_in_asks_for_the_code(client, buyer):
    TOTP.activate(buyer, "JBSWY3DPEHPK3PXP")
    sign_in(client, buyer)

    page = client.get(english("mfa_authenticate"))

    assert_ours(page, "Your code")
    assert 'autocomplete="one-time-code"' in page.text


def test_wrong_password_says_what_to_do_and_keeps_the_address(client, buyer):
    answer = client.post(english("account_login"), {"login": buyer.email, "password": "salah"})

    assert 'class="error-summary" role="alert"' in answer.text
    assert 'value="lilis@example.com"' in answer.text


def test_old_links_lead_on(client, db):
    with translation.override("en"):
        address = reverse("account_reset_password_from_key", kwargs={"uidb36": "1", "key": "set-password"})

    assert_ours(client.get(address), "This link no longer works")


def test_pages_seen_seldom_are_ours_too(rf, db):
    request = rf.get("/")
    for name, heading in (
        ("account/account_inactive.html", "This account is closed"),
        ("account/signup_closed.html", "No new accounts now"),
        ("account/password_reset_from_key_done.html", "Your password is changed"),
        ("account/verified_email_required.html", "First confirm your email address"),
        ("socialaccount/authentication_error.html", "Signing in did not work"),
        ("socialaccount/login_cancelled.html", "Not signed in"),
    ):
        with translation.override("en"):
            assert f"<h1>{heading}</h1>" in render_to_string(name, {}, request), name


@pytest.mark.parametrize(
    "name, words",
    [
        ("email_confirmation_message", "https://lapak.example/a"),
        ("password_reset_key_message", "https://lapak.example/b"),
        ("unknown_account_message", "no account with that address"),
        ("account_already_exists_message", "you have one already"),
        ("password_changed_message", "Was it not you?"),
    ],
)
def test_mails_are_in_our_words(name, words):
    context = {
        "site_name": "Lapak Ngalam",
        "activate_url": "https://lapak.example/a",
        "password_reset_url": "https://lapak.example/b",
        "email": "lilis@example.com",
    }
    with translation.override("en"):
        text = render_to_string(f"account/email/{name}.txt", context)

    assert words in text
    assert "Regards from Lapak Ngalam" in text
