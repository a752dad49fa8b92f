"""The forms of Wagtail's screens about users, fitted to our person."""

from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import UserViewSet

from marketplace.accounts.models import User


class PersonCreationForm(UserCreationForm):
    """Address, name, role. They choose their password themselves, by “forgot password”."""

    first_name = last_name = None

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ["email", "name", "is_superuser", "groups"]


class PersonEditForm(UserEditForm):
    first_name = last_name = None

    class Meta(UserEditForm.Meta):
        model = User
        fields = ["email", "name", "is_active", "is_superuser", "groups"]


class PersonViewSet(UserViewSet):
    def get_form_class(self, for_update: bool = False) -> type[UserCreationForm | UserEditForm]:
        return PersonEditForm if for_update else PersonCreationForm
