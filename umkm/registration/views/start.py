"""Before and after the wizard: the friendly first page, how things stand, taking it back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.core.dates import format_local_date
from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from umkm.registration import policies, services
from umkm.registration.models import VendorApplication
from umkm.registration.selectors import applications_of, open_returns
from umkm.registration.views.common import STATUS, own_application, where_to_go_on


@require_GET
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """What registering takes, what to have at hand, and the way in; for owners also what they have begun."""
    applications = applications_of(request.user) if request.user.is_authenticated else []
    return render(
        request,
        "registration/start.html",
        {
            "applications": applications,
            "has_draft": any(application.status == STATUS.DRAFT for application in applications),
            "how": how_it_goes_on(),
        },
    )


def how_it_goes_on() -> list[dict[str, str]]:
    """The way from the first page to the open shop, for those who have not begun."""
    return [
        {
            "title": _("You fill in"),
            "note": _("15 minutes, saved at every step"),
            "icon_name": "pencil-simple",
            "state": "now",
        },
        {
            "title": _("An officer checks"),
            "note": _("usually within five working days"),
            "icon_name": "eye",
            "state": "ahead",
        },
        {"title": _("Your shop opens"), "note": _("and you add products"), "icon_name": "storefront", "state": "ahead"},
    ]


@login_required
@require_POST
@throttle("registration-start", rate="20/h", by="user")
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a registration, or go on with the one that was begun."""
    application = services.start_application(owner=request.user)  # type: ignore[arg-type]
    return redirect(where_to_go_on(application))


@login_required
@require_GET
@never_cache
def status(request: HttpRequest, code: str) -> HttpResponse:
    """How an application stands: what has happened, what happens now, and what the owner can do."""
    application = own_application(request, code)
    if application.status == STATUS.DRAFT:
        return redirect(where_to_go_on(application))
    can_withdraw, _why_not = policies.can_withdraw(user=request.user, application=application)
    return render(
        request,
        "registration/status.html",
        {
            "application": application,
            "returns": open_returns(application),
            "timeline": timeline_of(application),
            "can_withdraw": can_withdraw and application.status != STATUS.WITHDRAWN,
        },
    )


def timeline_of(application: VendorApplication) -> list[dict[str, str]]:
    """What happened to the application and what is still ahead, for the timeline."""
    steps = []
    for item in application.rounds.order_by("number"):
        title = _("Submitted") if item.number == 1 else _("Submitted again")
        steps.append({"title": title, "note": format_local_date(item.submitted_at, "datetime"), "state": "done"})
    now = {"state": "now", "icon_name": "hourglass"}
    if application.status in VendorApplication.AWAITING and application.due_at:
        title = _("An officer is checking it") if application.status == STATUS.IN_REVIEW else _("Waits for an officer")
        due = _("Answer by %(date)s") % {"date": format_local_date(application.due_at, "weekday")}
        steps.append({**now, "title": title, "note": due})
    elif application.status == STATUS.RETURNED:
        returned = format_local_date(application.paused_at, "datetime") if application.paused_at else ""
        steps.append({**now, "title": _("Back with you, to be fixed"), "note": returned, "icon_name": "pencil-simple"})
    elif application.status in VendorApplication.DECIDED and application.decided_at:
        is_approved = application.status == STATUS.APPROVED
        steps.append(
            {
                "title": _("Approved") if is_approved else _("Rejected"),
                "note": format_local_date(application.decided_at, "datetime"),
                "state": "done" if is_approved else "stopped",
            }
        )
    elif application.status == STATUS.WITHDRAWN:
        steps.append({"title": _("Withdrawn by you"), "note": "", "state": "stopped"})
    if application.status in (*VendorApplication.AWAITING, STATUS.RETURNED):
        steps.append({"title": _("Your shop opens"), "note": "", "state": "ahead", "icon_name": "storefront"})
    return steps


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Ask once more, then take the application back."""
    application = own_application(request, code)
    allowed, why_not = policies.can_withdraw(user=request.user, application=application)
    if not allowed:
        messages.error(request, why_not)
        return redirect(application.get_absolute_url())
    if request.method == "POST":
        was_draft = application.status == STATUS.DRAFT
        try:
            services.withdraw_application(application_id=application.pk, actor=request.user)  # type: ignore[arg-type]
        except DomainError as error:
            messages.error(request, str(error.message))
            return redirect(application.get_absolute_url())
        messages.success(request, _("Deleted, with all its papers.") if was_draft else _("Withdrawn."))
        return redirect("registration:start")
    return render(request, "registration/withdraw.html", {"application": application})
