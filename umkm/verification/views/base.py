"""What every officers' view has in common."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from marketplace.accounts.models import Officer
from umkm.registration.models import VendorApplication
from umkm.verification import selectors
from umkm.verification.looking import officer_looking


class OfficerMixin:
    """Only for officers; `self.officer` is who looks, and everything is fetched through them."""

    officer: Officer

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        officer = officer_looking(request)
        if officer is None:
            raise PermissionDenied
        self.officer = officer
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def find_case(self, code: str) -> VendorApplication:
        """The case, or 404: another region's case does not exist for this officer."""
        application = selectors.find_case(self.officer, code)
        if application is None:
            raise Http404(
                _("This number was not found in %(region)s. Check the number.") % {"region": self.officer.agency.region}
            )
        return application
