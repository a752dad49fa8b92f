"""A proof of a transfer in the browser."""

from django.http import FileResponse, Http404, HttpResponse

from marketplace.core.private_files import locked_down
from marketplace.transfers.models import TransferProof


def proof_response(proof: TransferProof | None) -> HttpResponse:
    """The file of a proof; 404 when there is none, or when its time to be kept is over."""
    if proof is None or not proof.file:
        raise Http404("there is no such proof")
    ending = "pdf" if proof.is_pdf else "jpg"
    response = FileResponse(proof.file.open("rb"), content_type=proof.content_type)
    response.headers["Content-Disposition"] = f'inline; filename="proof.{ending}"'
    return locked_down(response)  # type: ignore[return-value]
