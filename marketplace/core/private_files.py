"""A private file in the browser: looked at, never run, and never kept by anything in between."""

import logging
from typing import TypeVar

from django.core.files import File
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase

logger = logging.getLogger(__name__)

PDF = "application/pdf"
# No scripts, no plug-ins beyond the browser's own viewer, only inside our own pages.
PDF_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
# Browsers refuse to show a sandboxed PDF at all; their viewers are sandboxes of their own.
PICTURE_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"

ResponseT = TypeVar("ResponseT", bound=HttpResponseBase)


def open_private(file: FieldFile) -> File:
    """The opened file. Raises Http404 where the storage has lost it, and tells the operators by the log."""
    try:
        return file.open("rb")
    except FileNotFoundError:
        logger.error("a private file is missing in the storage: %s", file.name)
        raise Http404("the file is missing") from None


def private_file(file: FieldFile, *, content_type: str, name: str) -> FileResponse:
    """A private picture or PDF, shown in the browser. Raises Http404 where the storage has lost it.

    Arguments:
        name: what it is called when somebody keeps it, with its ending.
    """
    response = FileResponse(open_private(file), content_type=content_type)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return locked_down(response)


def locked_down(response: ResponseT) -> ResponseT:
    """Put the headers on a response that carries a private picture or PDF, and return it."""
    is_pdf = response.headers["Content-Type"] == PDF
    response.headers["Content-Security-Policy"] = PDF_POLICY if is_pdf else PICTURE_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
