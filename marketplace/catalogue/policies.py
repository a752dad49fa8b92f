"""Who may do what with a product, and why not."""

from typing import Any

from django.utils.translation import gettext as _

from marketplace.accounts.selectors import is_operator, officer_of
from marketplace.catalogue.models import Product
from umkm.vendors.selectors import is_member

Answer = tuple[bool, str]


def may_moderate(*, user: Any, product: Product) -> Answer:
    """Officers of the vendor's agency and operators judge products; nobody judges what they sell themselves."""
    if not user.is_authenticated:
        return False, _("Sign in first.")
    officer = officer_of(user)
    if not is_operator(user) and (officer is None or officer.agency_id != product.vendor.agency_id):
        return False, _("This product belongs to another agency.")
    if is_member(user=user, vendor=product.vendor):
        return False, _("You belong to this business. Another officer decides.")
    return True, ""


def may_edit(*, user: Any, product: Product) -> Answer:
    """Members of the business edit its products, unless the office has locked this one."""
    if not is_member(user=user, vendor=product.vendor):
        return False, _("This product belongs to another business.")
    lock = product.get_lock()
    if lock is not None and lock.for_user(user):
        return False, _("The office has locked this product while it looks into it. Nothing was saved; ask the office.")
    return True, ""


def may_submit(*, product: Product) -> Answer:
    """Only an open shop can put something on sale."""
    if not product.vendor.is_open:
        return False, _("Your shop is suspended, so nothing can be sent for review. See the reason on the shop's page.")
    if product.archived_at is not None:
        return False, _("This product is archived. Restore it first.")
    return True, ""
