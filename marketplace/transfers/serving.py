"""A proof of a transfer in the browser."""

from django.http import FileResponse, Http404

from marketplace.core.private_files import private_file
from marketplace.transfers.models import TransferProof


def proof_response(proof: TransferProof | None) -> FileResponse:
    """The file of a proof; 404 when there is none, or when its time to be kept is over."""
    if proof is None or not proof.file:
        raise Http404("there is no such proof")
    ending = "pdf" if proof.is_pdf else "jpg"
    return private_file(proof.file, content_type=proof.content_type, name=f"proof.{ending}")
