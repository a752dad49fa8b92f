"""The locks of this slice, always taken in primary key order."""

from django.utils.translation import gettext as _

from marketplace.core.exceptions import DomainError
from marketplace.core.locking import lock_rows
from umkm.registration.models import VendorApplication


def lock_application(application_id: int) -> VendorApplication:
    """The application, locked and freshly read. Raises DomainError when there is none."""
    rows = lock_rows(VendorApplication.objects.filter(pk=application_id))
    if not rows:
        raise DomainError(_("This registration no longer exists. Start a new one."), code="application.gone")
    return rows[0]
