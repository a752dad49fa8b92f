"""A proof in the browser: looked at, never run, never kept by anything in between."""

from django.http import FileResponse, Http404, HttpResponse

from marketplace.transfers.models import TransferProof

POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"


def proof_response(proof: TransferProof | None) -> HttpResponse:
    """The file of a proof; 404 when there is none, or when its time to be kept is over."""
    if proof is None or not proof.file:
        raise Http404("there is no such proof")
    ending = "pdf" if proof.is_pdf else "jpg"
    response = FileResponse(proof.file.open("rb"), content_type=proof.content_type)
    response.headers["Content-Disposition"] = f'inline; filename="proof.{ending}"'
    # Browsers refuse to show a sandboxed PDF at all; their viewers are sandboxes of their own.
    response.headers["Content-Security-Policy"] = POLICY if proof.is_pdf else f"{POLICY}; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response  # type: ignore[return-value]
