"""Operators' page about people: who works in the admin, giving roles and taking them back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from marketplace.accounts import services
from marketplace.accounts.models import EDITORS, OPERATORS, Agency, Officer, User
from marketplace.accounts.policies import can_manage_people
from marketplace.accounts.selectors import agencies_with_officers, find_person, people_in
from marketplace.core.admin_access import PolicyMixin
from marketplace.core.exceptions import DomainError

EDITOR, OPERATOR, OFFICER = "redaksi", "operator", "petugas"


class OperatorMixin(PolicyMixin):
    """For operators; for everybody else in the admin it does not exist."""

    policy = staticmethod(can_manage_people)


class AppointForm(forms.Form):
    """Whom, and to what: officer of one agency, editor, or operator."""

    email = forms.EmailField(
        label=gettext_lazy("Email address of their account"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agencies = [
            (f"{OFFICER}:{agency.pk}", _("Officer, %(agency)s") % {"agency": agency}) for agency in self.agencies
        ]
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            *agencies,
            (EDITOR, _("Editor: pages of the site")),
            (OPERATOR, _("Operator: runs the site, gives roles")),
        ]

    @cached_property
    def agencies(self) -> list[Agency]:
        return list(Agency.objects.all())

    def clean_email(self) -> str:
        self.person = find_person(self.cleaned_data["email"])
        if self.person is None:
            raise forms.ValidationError(
                _("There is no confirmed account with this address. Ask them to make one first, and to open the mail.")
            )
        return self.cleaned_data["email"]

    def appoint(self, actor: User) -> User:
        """Give the role. Only for a valid form."""
        person, role = self.person, self.cleaned_data["role"]
        if person is None:
            raise ValueError("an appointment needs a valid form")
        if role == EDITOR:
            services.appoint_editor(user=person, actor=actor)
        elif role == OPERATOR:
            services.appoint_operator(user=person, actor=actor)
        else:
            agency = next(agency for agency in self.agencies if role == f"{OFFICER}:{agency.pk}")
            services.appoint_officer(user=person, agency=agency, actor=actor)
        return person


class PeopleView(OperatorMixin, WagtailAdminTemplateMixin, TemplateView):
    """Officers by agency, editors, operators, and the form that appoints somebody."""

    template_name = "accounts/admin/people.html"
    page_title = gettext_lazy("People of the admin")
    header_icon = "group"
    form: AppointForm | None = None

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "agencies": agencies_with_officers(),
            "editors": people_in(EDITORS),
            "operators": people_in(OPERATORS),
            "form": self.form or AppointForm(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = AppointForm(request.POST)
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data(), status=422)
        person = self.form.appoint(request.user)  # type: ignore[arg-type]
        messages.success(
            request,
            _("%(name)s has the role. They need an authenticator app before they can enter.") % {"name": person},
        )
        return redirect("people:list")


def _end_officer(person: User, actor: User) -> None:
    services.dismiss_officer(officer=Officer.objects.select_related("user").get(user=person), actor=actor)


def _end_editor(person: User, actor: User) -> None:
    services.withdraw_editor(user=person, actor=actor)


def _end_operator(person: User, actor: User) -> None:
    services.withdraw_operator(user=person, actor=actor)


ENDINGS: dict[str, Callable[[User, User], None]] = {
    OFFICER: _end_officer,
    EDITOR: _end_editor,
    OPERATOR: _end_operator,
}


class EndRoleView(OperatorMixin, WagtailAdminTemplateMixin, TemplateView):
    """Says what ends, asks once, and ends it. Works without a script."""

    template_name = "accounts/admin/end_role.html"
    header_icon = "group"

    @cached_property
    def person(self) -> User:
        role, people = self.kwargs["role"], User.objects.filter(pk=self.kwargs["pk"], is_active=True)
        holders = {
            OFFICER: people.filter(officer__is_active=True),
            EDITOR: people.filter(groups__name=EDITORS),
            OPERATOR: people.filter(groups__name=OPERATORS),
        }
        found = holders[role].first() if role in holders else None
        if found is None:
            raise Http404
        return found

    def get_page_title(self) -> str:
        return _("End the role of %(name)s") % {"name": self.person}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        people = {"url": reverse("people:list"), "label": _("People of the admin")}
        return [*self.breadcrumbs_items, people, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "person": self.person,
            "role": self.kwargs["role"],
            "is_oneself": self.person.pk == self.request.user.pk,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = self.person
        try:
            ENDINGS[self.kwargs["role"]](person, request.user)  # type: ignore[arg-type]
        except DomainError as error:
            messages.warning(request, str(error.message))
            return redirect("people:list")
        messages.success(request, _("%(name)s no longer has this role.") % {"name": person})
        # Whoever has just ended their own last role finds nothing in the admin any more.
        may_stay, _why_not = can_manage_people(user=User.objects.get(email=request.user.get_username()))
        return redirect("people:list" if may_stay else "accounts:home")
