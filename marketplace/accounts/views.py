"""One's own account."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.accounts.forms import ProfileForm
from marketplace.accounts.requests import SignedInRequest
from marketplace.accounts.selectors import officer_of
from marketplace.accounts.services import update_profile


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Everything that a person has here, one link each."""
    return render(
        request,
        "accounts/home.html",
        {"has_second_factor": is_mfa_enabled(request.user), "officer": officer_of(request.user)},
    )


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    """Name, phone and language."""
    user = request.user
    form = ProfileForm(
        request.POST or None, initial={"name": user.name, "phone": user.phone or "", "language": user.language}
    )
    if request.method == "POST" and form.is_valid():
        update_profile(user=user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("accounts:home")
    return render(request, "accounts/profile.html", {"form": form}, status=422 if form.errors else 200)
