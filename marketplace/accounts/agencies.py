"""Agencies in the admin: how each is called and reached. New ones come with the regions that the site serves."""

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic import EditView
from wagtail.admin.viewsets.model import ModelViewSet

from marketplace.accounts.models import Agency
from marketplace.accounts.services import update_agency


class AgencyForm(forms.ModelForm):
    class Meta:
        model = Agency
        fields = ["name", "short_name", "email", "phone", "address"]


class AgencyEditView(EditView):
    """Saves through the service, which writes down who changed what."""

    def save_instance(self) -> Agency:
        update_agency(agency_id=self.object.pk, actor=self.request.user, **self.form.cleaned_data)
        self.has_content_changes = self.form.has_changed()
        return self.object


class AgencyViewSet(ModelViewSet):
    model = Agency
    name = "agencies"
    url_prefix = "dinas"
    icon = "site"
    menu_label = _("Agencies")
    menu_order = 455
    add_to_admin_menu = True
    list_display = ["short_name", "email", "phone"]
    list_filter: list[str] = []
    copy_view_enabled = False
    inspect_view_enabled = False
    edit_view_class = AgencyEditView

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return AgencyForm
