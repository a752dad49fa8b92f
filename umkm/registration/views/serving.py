"""Opening a private paper: its owner and the officers who check it, nobody else. Officers' looks are written down."""

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from marketplace.accounts.models import Officer
from marketplace.accounts.selectors import officer_of
from umkm.registration import papers, policies
from umkm.registration.files import preview_of
from umkm.registration.models import LegalDocument

# A paper is looked at, never run: no scripts, no plug-ins beyond the browser's own viewer, only inside our own pages.
LOCKED_DOWN = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
PICTURE_POLICY = f"{LOCKED_DOWN}; sandbox"
# Browsers refuse to show a sandboxed PDF at all; their viewers are sandboxes of their own.
PDF_POLICY = LOCKED_DOWN


@login_required
@require_GET
@never_cache
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper itself, shown in the browser."""
    paper = get_object_or_404(LegalDocument.objects.select_related("application", "vendor", "kind"), pk=pk)
    officer = _officer(request)
    _require_access(request, paper, officer)
    if officer is not None and not _is_own(request, paper):
        papers.record_view(document=paper, officer=officer)
    response = FileResponse(paper.file.open("rb"), content_type=paper.content_type)
    extension = LegalDocument.EXTENSIONS.get(paper.content_type, ".bin")
    response.headers["Content-Disposition"] = f'inline; filename="{paper.kind.slug}{extension}"'
    return _locked_down(response, PDF_POLICY if paper.is_pdf else PICTURE_POLICY)


@login_required
@require_GET
@never_cache
def document_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """A small picture of an own photo, for its tile."""
    paper = get_object_or_404(LegalDocument.objects.select_related("application", "vendor", "kind"), pk=pk)
    if not _is_own(request, paper) or paper.is_pdf:
        raise Http404
    with paper.file.open("rb") as file:
        content = preview_of(file)
    return _locked_down(HttpResponse(content, content_type="image/jpeg"), PICTURE_POLICY)


def _is_own(request: HttpRequest, paper: LegalDocument) -> bool:
    return paper.application is not None and paper.application.owner_id == request.user.pk


def _officer(request: HttpRequest) -> Officer | None:
    """The visitor as an officer, only with the second factor that the admin asks for too."""
    records = get_authentication_records(request, request.user)
    return officer_of(request.user) if any(record.get("method") == "mfa" for record in records) else None


def _require_access(request: HttpRequest, paper: LegalDocument, officer: Officer | None) -> None:
    allowed, _why_not = policies.can_view_document(user=request.user, document=paper, officer=officer)
    if not allowed:
        raise Http404


def _locked_down(response: HttpResponse | FileResponse, policy: str) -> HttpResponse:
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response  # type: ignore[return-value]
