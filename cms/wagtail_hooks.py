"""What the content tools add to the admin."""

from typing import Any

from wagtail import hooks
from wagtail.models import Page

from cms.choosers import product_chooser, vendor_chooser
from marketplace.core import pagecache


@hooks.register("register_admin_viewset")
def register_choosers() -> list[Any]:
    """Products and shops can be chosen in blocks."""
    return [product_chooser, vendor_chooser]


@hooks.register("after_move_page")
def moved(request: Any, page: Page) -> None:
    """A page that moved has another address, and so have links to it."""
    pagecache.bump(pagecache.CONTENT)
