"""Files of evidence: only for officers of the agency, each view written down."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views import View

from umkm.verification import services
from umkm.verification.models import FieldCheck
from umkm.verification.views.base import OfficerMixin


class EvidenceView(OfficerMixin, View):
    """Opens a file of evidence in the browser, without letting it do anything."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, code: str, pk: int) -> HttpResponse | FileResponse:
        application = self.find_case(code)
        check = FieldCheck.objects.filter(application=application, pk=pk).exclude(evidence_file="").first()
        if check is None:
            raise Http404
        services.log_evidence_view(check=check, officer=self.officer)
        response = FileResponse(check.evidence_file.open("rb"), content_type=check.evidence_type)
        response["Content-Disposition"] = "inline"
        response["X-Content-Type-Options"] = "nosniff"
        # Browsers refuse to show a sandboxed PDF; their viewers are sandboxes of their own.
        sandbox = "" if check.evidence_type == "application/pdf" else "; sandbox"
        response["Content-Security-Policy"] = f"default-src 'none'; style-src 'unsafe-inline'{sandbox}"
        response["Cache-Control"] = "private, no-store"
        return response
