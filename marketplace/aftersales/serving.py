"""Showing a private photo: the page that links it has checked who asks."""

from django.http import FileResponse, Http404

from marketplace.aftersales.models import RefundRequest
from marketplace.core.private_files import private_file


def photo_response(request_row: RefundRequest | None, photo_id: int) -> FileResponse:
    """The photo itself, never cached by others, never run. 404 for a photo of another request."""
    photo = next((row for row in request_row.photos.all() if row.pk == photo_id), None) if request_row else None
    if photo is None:
        raise Http404("there is no such photo")
    return private_file(photo.file, content_type="image/jpeg", name="photo.jpg")
