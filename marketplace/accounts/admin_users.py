"""Wagtail's own screens about users, for superusers: our person has one name, and nobody sets another's password."""

from wagtail.users.apps import WagtailUsersAppConfig


class AdminUsersConfig(WagtailUsersAppConfig):
    """Stands in INSTALLED_APPS in the place of `wagtail.users`."""

    user_viewset = "marketplace.accounts.viewsets.PersonViewSet"
