"""Opening a private paper: its owner and the officers who check it, nobody else. Officers' looks are written down."""

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from marketplace.accounts.models import Officer
from marketplace.accounts.selectors import officer_of
from marketplace.core.private_files import locked_down, open_private, private_file
from umkm.registration import papers, policies
from umkm.registration.files import preview_of
from umkm.registration.models import LegalDocument, extension_of


@login_required
@require_GET
@never_cache
def document(request: HttpRequest, pk: int) -> FileResponse:
    """The paper itself, shown in the browser."""
    paper = get_object_or_404(LegalDocument.objects.select_related("application", "vendor", "kind"), pk=pk)
    officer = _officer(request)
    _require_access(request, paper, officer)
    if officer is not None and not _is_own(request, paper):
        papers.record_view(document=paper, officer=officer)
    name = f"{paper.kind.slug}{extension_of(paper.content_type)}"
    return private_file(paper.file, content_type=paper.content_type, name=name)


@login_required
@require_GET
@never_cache
def document_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """A small picture of an own photo, for its tile."""
    paper = get_object_or_404(LegalDocument.objects.select_related("application", "vendor", "kind"), pk=pk)
    if not _is_own(request, paper) or paper.is_pdf:
        raise Http404
    with open_private(paper.file) as file:
        content = preview_of(file)
    return locked_down(HttpResponse(content, content_type="image/jpeg"))


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
