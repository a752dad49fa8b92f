"""Which officer looks at a page: asked by the menu, the filters and the view, read once."""

from django.http import HttpRequest

from marketplace.accounts.models import Officer
from marketplace.accounts.selectors import officer_of


def officer_looking(request: HttpRequest) -> Officer | None:
    """The officer who makes this request, or None for everyone else."""
    if "_officer_looking" not in request.__dict__:
        request.__dict__["_officer_looking"] = officer_of(request.user)
    return request.__dict__["_officer_looking"]
