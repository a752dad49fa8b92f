"""Where product moderation meets the admin."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.home import UserObjectsInWorkflowModerationPanel, WorkflowObjectsToModeratePanel

from marketplace.accounts.selectors import is_operator
from marketplace.catalogue import admin_views
from marketplace.catalogue.vendor_panel import ProductsPanel
from umkm.verification.views.vendors import PANELS_HOOK
from umkm.verification.wagtail_hooks import OfficerMenuItem, is_officer


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern | URLResolver]:
    patterns = [
        path("", admin_views.ModerationQueueView.as_view(), name="queue"),
        path("berikutnya/", admin_views.NextReviewView.as_view(), name="next"),
        path("<int:pk>/", admin_views.ModerationView.as_view(), name="product"),
        path("tarik/<int:pk>/", admin_views.TakeDownView.as_view(), name="take_down"),
    ]
    return [path("moderasi/", include((patterns, "moderation")))]


class ModerationMenuItem(OfficerMenuItem):
    """For officers, and for operators who stand in for them."""

    def is_shown(self, request: HttpRequest) -> bool:
        return is_officer(request) or is_operator(request.user)


@hooks.register("register_admin_menu_item")
def moderation_item() -> MenuItem:
    return ModerationMenuItem(
        _("Product moderation"), reverse("moderation:queue"), name="moderation", icon_name="image", order=20
    )


@hooks.register("construct_homepage_panels")
def without_panels_for_snippets(request: HttpRequest, panels: list[Any]) -> None:
    """Products are judged on their own screens: Wagtail's panels know pages and snippets only, and fail over others."""
    theirs = (WorkflowObjectsToModeratePanel, UserObjectsInWorkflowModerationPanel)
    if is_officer(request) or is_operator(request.user):
        panels[:] = [panel for panel in panels if not isinstance(panel, theirs)]


hooks.register(PANELS_HOOK, ProductsPanel)
