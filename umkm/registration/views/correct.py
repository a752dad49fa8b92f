"""Fixing what an officer returned: only that, with the reason at the very place."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from marketplace.core.refusals import show_refusal
from umkm.registration import services
from umkm.registration.answers import BUSINESS, BY_KEY, IDENTITY, keys_beside
from umkm.registration.forms import BusinessForm, IdentityForm, StepForm
from umkm.registration.models import FieldReturn, VendorApplication
from umkm.registration.selectors import PaperNeed, open_returns, paper_needs
from umkm.registration.submission import submit_application
from umkm.registration.tiles import PaperTile, paper_tiles
from umkm.registration.views.common import STATUS, autosaved, is_autosave, own_application, where_to_go_on
from umkm.registration.views.papers import save_papers


@dataclass
class Correction:
    """One returned place: why, and the fields or the tile with which it is fixed."""

    item: FieldReturn
    label: str
    fields: list[Any]
    tile: PaperTile | None = None


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
@throttle("registration-upload", rate="120/h", by="user")
def correct(request: HttpRequest, code: str) -> HttpResponse:
    """The returned answers and papers in one form; sends them to the officer once all are fixed or answered."""
    application = own_application(request, code)
    if application.status != STATUS.RETURNED:
        return redirect(where_to_go_on(application))
    returns = open_returns(application)
    forms = _forms(request, application, returns)
    paper_forms: dict[str, Any] = {}
    if request.method == "POST":
        for form in forms:
            _save(request, application, form)
        # What they sell may have changed just now, and with it the papers.
        application.refresh_from_db()
        open_needs = [need for need in paper_needs(application) if _is_open(need, application)]
        paper_forms = {
            slug: form for slug, form in save_papers(request, application, open_needs).items() if form.errors
        }
        _save_answers(request, application, returns)
        application.refresh_from_db()
        is_wrong = bool(paper_forms) or any(form.errors for form in forms)
        if is_autosave(request):
            return autosaved(application)
        if not is_wrong:
            return _after_saving(request, application)
        returns = open_returns(application)
    tiles = paper_tiles(application, paper_needs(application), paper_forms)
    context = {
        "application": application,
        "forms": forms,
        "wrong_forms": [*(form for form in forms if form.is_bound), *paper_forms.values()],
        "corrections": _corrections(returns, forms, {tile.kind.slug: tile for tile in tiles}),
        "new_tiles": [tile for tile in tiles if _is_new(tile, application)],
        "left": sum(not item.is_resolved for item in returns),
    }
    return render(request, "registration/correct.html", context, status=422 if request.method == "POST" else 200)


def _forms(request: HttpRequest, application: VendorApplication, returns: list[FieldReturn]) -> list[StepForm]:
    keys = {key for item in returns for key in keys_beside(item.field)}
    data = request.POST if request.method == "POST" else None
    forms: list[StepForm] = []
    for step, form_class in ((IDENTITY, IdentityForm), (BUSINESS, BusinessForm)):
        only = {BY_KEY[key].field for key in keys if BY_KEY[key].step == step}
        if only:
            forms.append(form_class(data, application=application, only=only))
    return forms


def _save(request: HttpRequest, application: VendorApplication, form: StepForm) -> None:
    form.is_valid()
    try:
        services.save_answers(
            application_id=application.pk,
            actor=request.user,  # type: ignore[arg-type]
            answers=form.answers(),
        )
    except DomainError as error:
        show_refusal(form, error)


def _save_answers(request: HttpRequest, application: VendorApplication, returns: list[FieldReturn]) -> None:
    """Keep what the owner wrote beside a field that stays as it is."""
    for item in returns:
        answer = request.POST.get(f"answer-{item.pk}")
        if answer is not None and answer.strip() != item.answer:
            services.answer_return(
                application_id=application.pk,
                return_id=item.pk,
                actor=request.user,  # type: ignore[arg-type]
                answer=answer[:1000],
            )


def _after_saving(request: HttpRequest, application: VendorApplication) -> HttpResponse:
    if "send" not in request.POST:
        messages.success(request, _("Saved. Go on whenever you like, on any device."))
        return redirect(
            "registration:correct" if "exit" not in request.POST else "registration:status", application.code
        )
    try:
        submit_application(application_id=application.pk, actor=request.user)  # type: ignore[arg-type]
    except DomainError as error:
        messages.error(request, str(error.message))
        return redirect("registration:correct", application.code)
    return redirect(application.get_absolute_url())


def _is_open(need: PaperNeed, application: VendorApplication) -> bool:
    """Whether the owner may add something: it was returned, or is needed and was not there when it was submitted."""
    if need.reason is not None:
        return True
    return need.is_required and (need.document is None or need.document.round > application.round)


def _is_new(tile: PaperTile, application: VendorApplication) -> bool:
    """Needed but not there when it was submitted: the owner wanted assistance with it, or sells something else now."""
    if tile.reason is not None or not tile.is_required:
        return False
    if tile.document is None:
        return True
    return tile.document.round > application.round


def _corrections(returns: list[FieldReturn], forms: list[StepForm], tiles: dict[str, PaperTile]) -> list[Correction]:
    drawn: set[str] = set()
    corrections = []
    for item in returns:
        if item.document_kind:
            tile = tiles.get(item.document_kind)
            corrections.append(Correction(item, tile.name if tile else item.field, [], tile))
            continue
        names = [answer.field for answer in BY_KEY.values() if answer.key in keys_beside(item.field)]
        fields = []
        for name in dict.fromkeys(names):
            form = next((form for form in forms if name in form.fields), None)
            # Two returned answers may share a field; it is drawn once.
            if form is not None and name not in drawn:
                drawn.add(name)
                fields.append(form[name])
        label = BY_KEY[item.field].label if item.field in BY_KEY else item.field
        corrections.append(Correction(item, str(label), fields))
    return corrections
