"""The bank account to which a shop's payouts go. Asks for the password again: it is where the money goes."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from marketplace.core.refusals import show_refusal
from marketplace.payouts import balances, services
from marketplace.payouts.forms import BankAccountForm
from umkm.portal.access import frame, owner_view
from umkm.vendors.models import VendorMember


@owner_view
@throttle("bank-account", rate="20/h", by="user")
@never_cache
@require_http_methods(["GET", "POST"])
def bank_account(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """Name the account, or another one. The number that stands is shown by its last digits only."""
    return _confirmed(request, member)


@reauthentication_required
def _confirmed(request: HttpRequest, member: VendorMember) -> HttpResponse:
    form = BankAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_account(vendor_id=member.vendor.pk, actor=member.user, **form.cleaned_data)
        except DomainError as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Saved. We check it and then use it for your payouts."))
            return redirect("portal:money", member.vendor.slug)
    context = {
        **frame(member, "money"),
        "form": form,
        "account": balances.current_account(vendor_id=member.vendor.pk),
        "terms": balances.terms(),
    }
    return render(request, "portal/money/account.html", context, status=422 if form.errors else 200)
