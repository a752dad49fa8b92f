"""Showing a private photo: the page that links it has checked who asks."""

from django.http import Http404, HttpResponse

from marketplace.aftersales.models import RefundRequest
from marketplace.core.private_files import locked_down


def photo_response(request_row: RefundRequest | None, photo_id: int) -> HttpResponse:
    """The photo itself, never cached by others, never run. 404 for a photo of another request."""
    photo = next((row for row in request_row.photos.all() if row.pk == photo_id), None) if request_row else None
    if photo is None:
        raise Http404("there is no such photo")
    with photo.file.open("rb") as file:
        response = HttpResponse(file.read(), content_type="image/jpeg")
    response.headers["Content-Disposition"] = 'inline; filename="photo.jpg"'
    return locked_down(response)
