"""A private file in the browser: looked at, never run, and never kept by anything in between."""

from typing import TypeVar

from django.http.response import HttpResponseBase

PDF = "application/pdf"
# No scripts, no plug-ins beyond the browser's own viewer, only inside our own pages.
PDF_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
# Browsers refuse to show a sandboxed PDF at all; their viewers are sandboxes of their own.
PICTURE_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"

ResponseT = TypeVar("ResponseT", bound=HttpResponseBase)


def locked_down(response: ResponseT) -> ResponseT:
    """Put the headers on a response that carries a private picture or PDF, and return it."""
    is_pdf = response.headers["Content-Type"] == PDF
    response.headers["Content-Security-Policy"] = PDF_POLICY if is_pdf else PICTURE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
