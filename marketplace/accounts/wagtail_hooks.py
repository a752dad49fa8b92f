"""Where people and agencies meet the admin."""

from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from marketplace.accounts import admin_views
from marketplace.accounts.agencies import AgencyViewSet
from marketplace.accounts.policies import can_manage_people
from marketplace.core.admin_access import PolicyMenuItem


@hooks.register("register_admin_urls")
def register_urls() -> list[URLResolver]:
    patterns = [
        path("", admin_views.PeopleView.as_view(), name="list"),
        path("<int:pk>/<slug:role>/akhiri/", admin_views.EndRoleView.as_view(), name="end_role"),
    ]
    return [path("orang/", include((patterns, "people")))]


@hooks.register("register_admin_viewset")
def agencies() -> AgencyViewSet:
    return AgencyViewSet()


@hooks.register("register_admin_menu_item")
def people_item() -> MenuItem:
    return PolicyMenuItem(
        _("People"), reverse("people:list"), name="people", icon_name="group", order=452, policy=can_manage_people
    )
