"""The locks of this slice."""

from django.utils.translation import gettext as _

from marketplace.catalogue.models import Product
from marketplace.core.exceptions import DomainError
from marketplace.core.locking import lock_rows


def lock_product(product_id: int) -> Product:
    """Lock one product and return it freshly read; raises DomainError when it is gone."""
    locked = lock_rows(Product.objects.filter(pk=product_id).select_related("vendor", "category"))
    if not locked:
        raise DomainError(_("This product no longer exists."), code="product_gone")
    return locked[0]
