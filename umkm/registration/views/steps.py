"""The wizard's steps that ask, and the two that look back and send."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from marketplace.core.exceptions import DomainError
from marketplace.core.refusals import show_refusal
from umkm.registration import choices, services
from umkm.registration.answers import BUSINESS, IDENTITY, as_texts
from umkm.registration.forms import BusinessForm, ConsentForm, IdentityForm, StepForm
from umkm.registration.models import VendorApplication
from umkm.registration.retention import papers_kept_days
from umkm.registration.selectors import gaps_of, paper_needs
from umkm.registration.submission import CONSENT_VERSION, submit_application
from umkm.registration.tiles import paper_tiles
from umkm.registration.views.common import (
    REVIEW,
    SUBMIT,
    autosaved,
    away_from_step,
    is_autosave,
    own_application,
    render_step,
    step_url,
    url_after,
)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def identity(request: HttpRequest, code: str) -> HttpResponse:
    """Step 1: who stands behind the business."""
    return _ask(request, own_application(request, code), IDENTITY, IdentityForm)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def business(request: HttpRequest, code: str) -> HttpResponse:
    """Step 2: what it is, sells, and where it stands."""
    return _ask(request, own_application(request, code), BUSINESS, BusinessForm)


def _ask(request: HttpRequest, application: VendorApplication, step: str, form_class: type[StepForm]) -> HttpResponse:
    away = away_from_step(application)
    if away is not None:
        return away
    if request.method == "GET":
        return render_step(request, application, step, {"form": form_class(application=application)})
    form = form_class(request.POST, application=application)
    form.is_valid()
    # What is right is kept even when something else is wrong: the next device shows it.
    application = _save(request, application, form, step)
    if is_autosave(request):
        return autosaved(application) if not form.has_error(None, "application.stale") else HttpResponse(status=409)
    is_leaving = "exit" in request.POST
    if is_leaving and not form.has_error(None, "application.stale"):
        if form.errors:
            messages.warning(request, _("Saved, except for what was not right yet."))
        else:
            messages.success(request, _("Saved. Go on whenever you like, on any device."))
        return redirect("registration:start")
    if form.errors:
        return render_step(request, application, step, {"form": form}, status=422)
    return redirect(url_after(application, step))


def _save(request: HttpRequest, application: VendorApplication, form: StepForm, step: str) -> VendorApplication:
    save = services.save_identity if step == IDENTITY else services.save_business
    version = request.POST.get("version", "")
    try:
        return save(
            application_id=application.pk,
            actor=request.user,  # type: ignore[arg-type]
            answers=form.answers(),
            expected_version=int(version) if version.isdigit() else None,
        )
    except DomainError as error:
        show_refusal(form, error)
        application.refresh_from_db(fields=["version", "status"])
        return application


@login_required
@require_GET
def villages(request: HttpRequest) -> HttpResponse:
    """The kelurahan select, cut down to one district (htmx)."""
    district = request.GET.get("district", "")
    found = [
        village for village in choices.villages_with_agency() if not district or village.code.startswith(f"{district}.")
    ]
    chosen = request.GET.get("village", "")
    return render(
        request,
        "registration/parts/village_select.html",
        {"groups": choices.village_choices(found), "chosen": chosen},
    )


@login_required
@require_GET
def kbli(request: HttpRequest) -> HttpResponse:
    """The KBLI codes that fit what was typed and the chosen sub-sector (htmx)."""
    subsector = request.GET.get("subsector", "")
    options = choices.kbli_options(
        query=request.GET.get("kbli", "")[:100], subsector_id=int(subsector) if subsector.isdecimal() else None
    )
    return render(request, "registration/parts/kbli_options.html", {"options": options})


@login_required
@require_GET
@never_cache
def review(request: HttpRequest, code: str) -> HttpResponse:
    """Step 4: everything at a glance, with what is still missing and the way to mend it."""
    application = own_application(request, code)
    away = away_from_step(application)
    if away is not None:
        return away
    needs = paper_needs(application)
    gaps = gaps_of(application, needs)
    return render_step(
        request,
        application,
        REVIEW,
        {
            "texts": as_texts(application),
            "tiles": [tile for tile in paper_tiles(application, needs) if tile.document or tile.is_required],
            "gaps": [{"gap": gap, "url": f"{step_url(application, gap.step)}#{_anchor(gap.field)}"} for gap in gaps],
            "categories": list(application.categories.all()),
            "next_url": url_after(application, REVIEW),
        },
    )


def _anchor(field: str) -> str:
    """Where a gap is mended on its step's page."""
    return f"paper-{field.removeprefix('document:')}" if field.startswith("document:") else f"id_{field}"


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def submit(request: HttpRequest, code: str) -> HttpResponse:
    """Step 5: consent, and off it goes."""
    application = own_application(request, code)
    away = away_from_step(application)
    if away is not None:
        return away
    if request.method == "GET" and gaps_of(application):
        return redirect(step_url(application, REVIEW))
    form = ConsentForm(request.POST or None, initial={"version": application.version})
    if request.method == "POST" and form.is_valid():
        try:
            submitted = submit_application(
                application_id=application.pk,
                actor=request.user,  # type: ignore[arg-type]
                consents=form.cleaned_data["consents"],
                expected_version=form.cleaned_data["version"],
            )
        except DomainError as error:
            if error.code in ("application.incomplete", "application.stale"):
                messages.warning(request, str(error.message))
                return redirect(step_url(application, REVIEW))
            show_refusal(form, error)
        else:
            return redirect(submitted.get_absolute_url())
    context = {"form": form, "consent_version": CONSENT_VERSION, "papers_kept_days": papers_kept_days()}
    return render_step(request, application, SUBMIT, context, status=422 if form.errors else 200)
