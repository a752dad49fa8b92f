"""No one works in the admin without a second factor."""

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _


class SecondFactorForAdmin:
    """Sends people of the admin who have no second factor, or have not shown it in this session, to where they can."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.admin_prefix = reverse("wagtailadmin_home")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(self.admin_prefix) and request.user.is_authenticated:
            if not request.user.has_perm("wagtailadmin.access_admin"):
                # Wagtail would send them to sign in, where they are signed in already: round and round.
                raise PermissionDenied
            missing = self._where_to_go(request)
            if missing:
                return HttpResponseRedirect(f"{missing}?{urlencode({'next': request.get_full_path()})}")
        return self.get_response(request)

    def _where_to_go(self, request: HttpRequest) -> str:
        if not is_mfa_enabled(request.user):
            messages.warning(request, _("Set up your authenticator app first. Without it nobody can enter the admin."))
            return reverse("mfa_activate_totp")
        if not any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user)):
            return reverse("mfa_reauthenticate")
        return ""
