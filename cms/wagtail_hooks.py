"""What the content tools add to the admin."""

from typing import Any, cast

from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.views.home import RecentEditsPanel, UserObjectsInWorkflowModerationPanel
from wagtail.models import Page

from cms.admin_home import panels_for
from cms.choosers import product_chooser, vendor_chooser
from marketplace.accounts.models import User
from marketplace.accounts.selectors import is_editor, is_operator, officer_of
from marketplace.core import pagecache


@hooks.register("register_admin_viewset")
def register_choosers() -> list[Any]:
    """Products and shops can be chosen in blocks."""
    return [product_chooser, vendor_chooser]


@hooks.register("after_move_page")
def moved(request: Any, page: Page) -> None:
    """A page that moved has another address, and so have links to it."""
    pagecache.bump(pagecache.CONTENT)


@hooks.register("construct_homepage_panels", order=110)
def editors_home(request: HttpRequest, panels: list[Any]) -> None:
    """Who writes the pages sees what is to do with them; what Wagtail alone can show (approvals, locks) stays."""
    user = cast(User, request.user)
    if officer_of(user) is None and (is_editor(user) or is_operator(user)):
        told_by_ours = (RecentEditsPanel, UserObjectsInWorkflowModerationPanel)
        panels[:] = [
            *panels_for(user),
            *(panel for panel in panels if not isinstance(panel, told_by_ours)),
        ]
