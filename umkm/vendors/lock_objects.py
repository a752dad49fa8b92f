"""The locks of this slice, always taken in primary key order."""

from django.utils.translation import gettext as _

from marketplace.core.exceptions import DomainError
from marketplace.core.locking import lock_rows
from umkm.vendors.models import Vendor


def lock_vendor(vendor_id: int) -> Vendor:
    """The business, locked and freshly read. Raises DomainError when there is none."""
    rows = lock_rows(Vendor.objects.filter(pk=vendor_id))
    if not rows:
        raise DomainError(_("This business no longer exists. Go back to the list."), code="vendor.gone")
    return rows[0]
