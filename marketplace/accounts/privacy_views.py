"""One's own data: what is kept, a copy of it, and its erasure."""

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.accounts.forms import EraseForm
from marketplace.accounts.own_data import erase_person, export_person
from marketplace.accounts.privacy import all_holdings, blockers_of, consents_of
from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What is kept, what the person agreed to, and the ways to the copy and the erasure."""
    context = {"holdings": all_holdings(), "consents": consents_of(request.user)}  # type: ignore[arg-type]
    return render(request, "accounts/privacy.html", context)


@login_required
@require_GET
@never_cache
@throttle("data-copy", rate="10/h", by="user", method="GET")
@reauthentication_required
def download(request: HttpRequest) -> HttpResponse:
    """Everything as one JSON file. Asks for the password again: it holds more than any other page."""
    data = export_person(user=request.user)  # type: ignore[arg-type]
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    name = f"data-saya-{timezone.localdate().isoformat()}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "POST"])
@throttle("erase", rate="10/h", by="user")
@reauthentication_required(allow_get=True)
def erase(request: HttpRequest) -> HttpResponse:
    """Says what goes, what stays and what stands in the way; erases when the person has written their address."""
    user = request.user
    form = EraseForm(request.POST or None, email=user.email)  # type: ignore[union-attr]
    if request.method == "POST" and form.is_valid():
        try:
            erase_person(user_id=user.pk)  # type: ignore[arg-type]
        except DomainError:
            # What stands in the way is listed on the page itself, each with what to do.
            form.add_error(None, _("Nothing was erased. See what has to be done first."))
        else:
            logout(request)
            messages.success(request, _("Your account is erased. A last mail confirms it."))
            return redirect(settings.ACCOUNT_LOGOUT_REDIRECT_URL)
    context = {"form": form, "holdings": all_holdings(), "blockers": blockers_of(user)}  # type: ignore[arg-type]
    return render(request, "accounts/erase.html", context, status=422 if form.errors else 200)
