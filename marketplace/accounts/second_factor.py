"""The second factor at signing in: a code holds for its neighbours' time too, and each code once."""

import time
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache


class CodeOnce:
    """A code that was taken is refused until it has run out (RFC 6238, section 5.2).

    allauth remembers a taken code for one period; with a tolerance it would hold again after that.
    """

    user: Any
    authenticator: Authenticator

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        # Recovery codes are crossed out where they are kept.
        if self.authenticator.type != Authenticator.Type.TOTP:
            return code
        lasts = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
        if not cache.add(f"second-factor:{self.user.pk}:{code}", "taken", timeout=lasts):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SignInCodeForm(CodeOnce, AuthenticateForm):
    """The code after the password."""


class RepeatedCodeForm(CodeOnce, ReauthenticateForm):
    """The code before something that matters, of somebody who is signed in."""


def code_of_now(secret: str, *, steps_ago: int = 0) -> str:
    """The digits that an authenticator app shows, or showed so many periods (30 s) ago."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD - steps_ago))
