"""Files of evidence: only for officers of the agency, each view written down."""

from django.http import FileResponse, Http404, HttpRequest
from django.views import View

from marketplace.core.private_files import private_file
from umkm.registration.models import extension_of
from umkm.verification import services
from umkm.verification.models import FieldCheck
from umkm.verification.views.base import OfficerMixin


class EvidenceView(OfficerMixin, View):
    """Opens a file of evidence in the browser, without letting it do anything."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, code: str, pk: int) -> FileResponse:
        application = self.find_case(code)
        check = FieldCheck.objects.filter(application=application, pk=pk).exclude(evidence_file="").first()
        if check is None:
            raise Http404
        services.log_evidence_view(check=check, officer=self.officer)
        name = f"evidence{extension_of(check.evidence_type)}"
        return private_file(check.evidence_file, content_type=check.evidence_type, name=name)
