"""Step 3: the papers, each sent on its own or all with the step's form."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from marketplace.core.refusals import show_refusal
from marketplace.reference.models import DocumentKind
from umkm.registration import papers as paper_services
from umkm.registration.answers import PAPERS
from umkm.registration.forms import PaperForm
from umkm.registration.models import VendorApplication
from umkm.registration.selectors import PaperNeed, kinds_not_needed, paper_needs
from umkm.registration.tiles import PaperTile, paper_form, paper_tiles
from umkm.registration.views.common import (
    STATUS,
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
@throttle("registration-upload", rate="120/h", by="user")
def papers(request: HttpRequest, code: str) -> HttpResponse:
    """Every paper with its state; without script all of them are sent with this one form."""
    application = own_application(request, code)
    away = away_from_step(application)
    if away is not None:
        return away
    needs = paper_needs(application)
    if request.method == "GET":
        return _show(request, application, needs)
    forms = save_papers(request, application, needs)
    wrong = {slug: form for slug, form in forms.items() if form.errors}
    application.refresh_from_db(fields=["version"])
    if is_autosave(request):
        return autosaved(application)
    if "exit" in request.POST:
        messages.success(request, _("Saved. Go on whenever you like, on any device."))
        return redirect("registration:start")
    if wrong:
        return _show(request, application, paper_needs(application), wrong, status=422)
    return redirect(url_after(application, PAPERS))


def _show(
    request: HttpRequest,
    application: VendorApplication,
    needs: list[PaperNeed],
    forms: dict[str, PaperForm] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    tiles = paper_tiles(application, needs, forms)
    context = {
        "tiles": [tile for tile in tiles if tile.is_required],
        "extra_tiles": [tile for tile in tiles if not tile.is_required],
        "not_needed": kinds_not_needed(application, needs),
        "categories": list(application.categories.all()),
        "wrong_forms": list((forms or {}).values()),
    }
    return render_step(request, application, PAPERS, context, status=status)


def save_papers(request: HttpRequest, application: VendorApplication, needs: list[PaperNeed]) -> dict[str, PaperForm]:
    """Save every paper of the form that carries something new, and return the forms by kind, errors included."""
    forms = {}
    for tile in paper_tiles(application, needs):
        form = paper_form(tile.kind, tile.document, request.POST, request.FILES)
        if form.has_changed():
            forms[tile.kind.slug] = _save_one(request, application, tile, form)
    return forms


def _save_one(request: HttpRequest, application: VendorApplication, tile: PaperTile, form: PaperForm) -> PaperForm:
    """Save what is right of one paper: a good photo stays even if its number was mistyped."""
    form.is_valid()
    cleaned = form.cleaned_data
    if cleaned.get("file") is None and tile.document is None:
        if not form.errors:
            form.add_error("file", ValidationError(_("Choose a file, or take a photo."), code="document.no_file"))
        return form
    details: dict[str, Any] = {}
    for name, empty in (("number", ""), ("issued_on", None), ("expires_on", None)):
        # Fields that were not sent, or were wrong, leave what is known as it is.
        was_sent = form.add_prefix(name) in request.POST and name in cleaned
        details[name] = cleaned[name] if was_sent else getattr(tile.document, name, empty)
    is_renewed = cleaned.get("file") is not None and tile.document is not None and tile.document.is_expired
    if is_renewed and cleaned.get("expires_on") is None:
        # The photo of the renewed paper came first; the old one's last day is not its own.
        details["expires_on"] = None
    try:
        paper_services.attach_document(
            application_id=application.pk,
            actor=request.user,  # type: ignore[arg-type]
            kind_slug=tile.kind.slug,
            checked=cleaned.get("file"),
            **details,
        )
    except DomainError as error:
        show_refusal(form, error)
    return form


def _tile_of(application: VendorApplication, kind: DocumentKind, form: PaperForm | None = None) -> PaperTile:
    forms = {kind.slug: form} if form is not None else None
    for tile in paper_tiles(application, paper_needs(application), forms):
        if tile.kind.pk == kind.pk:
            return tile
    raise Http404


def _editable(request: HttpRequest, code: str, kind_slug: str) -> tuple[VendorApplication, DocumentKind]:
    return own_application(request, code), get_object_or_404(DocumentKind, slug=kind_slug)


def _where_papers_are(application: VendorApplication, kind: DocumentKind) -> str:
    page = "correct" if application.status == STATUS.RETURNED else PAPERS
    return f"{step_url(application, page)}#paper-{kind.slug}"


def _answer(
    request: HttpRequest, application: VendorApplication, kind: DocumentKind, form: PaperForm | None = None
) -> HttpResponse:
    """The tile anew for script, the page for everyone else."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(_where_papers_are(application, kind))
    tile = _tile_of(application, kind, form)
    context = {"application": application, "tile": tile}
    return render(request, "registration/parts/paper.html", context, status=422 if form and form.errors else 200)


@login_required
@require_POST
@throttle("registration-upload", rate="120/h", by="user")
def paper(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """One paper, sent as soon as it was chosen."""
    application, document_kind = _editable(request, code, kind)
    tile = _tile_of(application, document_kind)
    form = paper_form(document_kind, tile.document, request.POST, request.FILES)
    form = _save_one(request, application, tile, form)
    if form.errors and not request.htmx:  # type: ignore[attr-defined]
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
    return _answer(request, application, document_kind, form if form.errors else None)


def _keep_the_rest(request: HttpRequest, application: VendorApplication) -> None:
    """Without script a tile's button sends the whole form: what was chosen and typed elsewhere is kept too."""
    if not request.htmx:  # type: ignore[attr-defined]
        save_papers(request, application, paper_needs(application))


@login_required
@require_POST
def paper_remove(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """Take a paper out again."""
    application, document_kind = _editable(request, code, kind)
    _keep_the_rest(request, application)
    try:
        paper_services.remove_document(
            application_id=application.pk,
            actor=request.user,  # type: ignore[arg-type]
            kind_slug=document_kind.slug,
        )
    except DomainError as error:
        messages.error(request, str(error.message))
    return _answer(request, application, document_kind)


@login_required
@require_POST
def paper_help(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """ "Don't have one? We'll help", and taking that back."""
    application, document_kind = _editable(request, code, kind)
    _keep_the_rest(request, application)
    try:
        paper_services.want_assistance(
            application_id=application.pk,
            actor=request.user,  # type: ignore[arg-type]
            kind_slug=document_kind.slug,
            wants=request.POST.get("wants") != "0",
        )
    except DomainError as error:
        messages.error(request, str(error.message))
    return _answer(request, application, document_kind)
