"""Taking, putting back, handing over and deciding. Each decision opens the next case."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin import messages
from wagtail.admin.utils import get_valid_next_url_from_request

from marketplace.accounts.models import Officer
from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed
from marketplace.core.refusals import show_refusal
from umkm.registration.models import VendorApplication
from umkm.verification import decisions, selectors, services
from umkm.verification.exceptions import AlreadyTaken, StaleCase
from umkm.verification.forms import HandOverForm, RejectForm, ReturnForm, VersionForm
from umkm.verification.views.base import OfficerMixin
from umkm.verification.views.case import CaseScreen, decision_forms, reason_formset


class NextCaseView(OfficerMixin, View):
    """Takes the most urgent free case and opens it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        application = services.claim_next_case(officer=self.officer)
        if application is None:
            messages.warning(request, _("No case is left to take. Look at those that you hold."))
            return redirect("verification:queue")
        return redirect("verification:case", code=application.code)


class ClaimView(OfficerMixin, View):
    """Takes one case."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        application = self.find_case(code)
        try:
            services.claim_case(application_id=application.pk, officer=self.officer)
        except AlreadyTaken as error:
            messages.warning(request, str(error.message))
            return redirect("verification:queue")
        except DomainError as error:
            messages.warning(request, str(error.message))
        else:
            messages.success(request, _("You hold %(business)s now.") % {"business": application.name})
        return redirect(get_valid_next_url_from_request(request) or reverse("verification:case", args=[code]))


class ReleaseView(OfficerMixin, View):
    """Puts a case back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        application = self.find_case(code)
        services.release_case(application_id=application.pk, officer=self.officer)
        messages.success(request, _("%(business)s is back in the queue.") % {"business": application.name})
        return redirect("verification:queue")


def open_next(request: HttpRequest, officer: Officer, said: str) -> HttpResponse:
    """After a decision: the most urgent case that the officer holds, otherwise the most urgent free one."""
    held = selectors.held_cases(officer).first()
    following = held or services.claim_next_case(officer=officer)
    if following is None:
        empty = _("The queue is empty.")
        messages.success(request, f"{said} {empty}")
        return redirect("verification:queue")
    then = _("Next: %(business)s.") % {"business": following.name}
    messages.success(request, f"{said} {then}")
    return redirect("verification:case", code=following.code)


class DecisionView(CaseScreen):
    """A page with one decision's form, for whom no dialog opens; the dialogs post to the same address."""

    template_name = "verification/decide.html"
    decision_name = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may_decide[0]:
            messages.warning(request, self.may_decide[1])
            return self.back_to_case()
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["decision_name"] = self.decision_name
        context["side_panels"] = []
        if self.may_decide[0]:
            context.update(decision_forms(self.case, empty_rows=3))
        context.update(kwargs)
        return context

    def get_header_buttons(self) -> list[Any]:
        return []

    def run(self, decide: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
        """Decide, and show what kept the decision from being saved."""
        self.find_case(self.code)
        try:
            return decide(self.request)
        except StaleCase as error:
            self.template_name = "verification/case.html"
            return self.show_again(error)
        except (NotAllowed, IllegalTransition) as error:
            messages.error(self.request, str(error.message))
            return self.back_to_case()

    def refuse(self, request: HttpRequest, **forms: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**forms), status=422)

    def said(self, sentence: str) -> str:
        return sentence % {"business": self.case.application.name}

    @property
    def application(self) -> VendorApplication:  # type: ignore[override]
        return self.case.application


class ApproveView(DecisionView):
    decision_name = "approve"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.run(self.decide)

    def decide(self, request: HttpRequest) -> HttpResponse:
        form = VersionForm(request.POST)
        if not form.is_valid():
            return self.refuse(request)
        try:
            decisions.approve_application(
                application_id=self.application.pk,
                officer=self.officer,
                expected_version=form.cleaned_data["version"],
            )
        except (StaleCase, NotAllowed, IllegalTransition):
            raise
        except DomainError as error:
            messages.warning(request, str(error.message))
            return self.back_to_case()
        return open_next(request, self.officer, self.said(_("%(business)s is approved and open.")))


class ReturnView(DecisionView):
    decision_name = "return"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.run(self.decide)

    def decide(self, request: HttpRequest) -> HttpResponse:
        form = ReturnForm(request.POST, auto_id="id_return_%s")
        rows = reason_formset(self.case, data=request.POST)
        if not (form.is_valid() & rows.is_valid()):
            return self.refuse(request, return_form=form, reason_forms=rows)
        reasons: dict[str, str] = {}
        for row in rows.cleaned_data:
            if row.get("field"):
                earlier = reasons.get(row["field"])
                reasons[row["field"]] = f"{earlier}\n{row['reason']}" if earlier else row["reason"]
        try:
            decisions.return_application(
                application_id=self.application.pk,
                officer=self.officer,
                expected_version=form.cleaned_data["version"],
                reasons=reasons,
                letter=form.cleaned_data["letter"],
                fix_by=form.cleaned_data["fix_by"],
            )
        except (StaleCase, NotAllowed, IllegalTransition):
            raise
        except DomainError as error:
            show_refusal(form, error)
            return self.refuse(request, return_form=form, reason_forms=rows)
        return open_next(request, self.officer, self.said(_("%(business)s is returned to its owner.")))


class RejectView(DecisionView):
    decision_name = "reject"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.run(self.decide)

    def decide(self, request: HttpRequest) -> HttpResponse:
        form = RejectForm(request.POST, auto_id="id_reject_%s")
        if not form.is_valid():
            return self.refuse(request, reject_form=form)
        try:
            decisions.reject_application(
                application_id=self.application.pk,
                officer=self.officer,
                expected_version=form.cleaned_data["version"],
                ground=form.cleaned_data["ground"],
                letter=form.cleaned_data["letter"],
            )
        except (StaleCase, NotAllowed, IllegalTransition):
            raise
        except DomainError as error:
            show_refusal(form, error)
            return self.refuse(request, reject_form=form)
        return open_next(request, self.officer, self.said(_("%(business)s is rejected.")))


class HandOverView(CaseScreen):
    """Giving the case to a colleague, or taking it over."""

    template_name = "verification/hand_over.html"

    def get_header_buttons(self) -> list[Any]:
        return []

    def form(self, data: Any = None) -> HandOverForm:
        return HandOverForm(data, officer=self.officer, holder_id=self.case.application.claimed_by_id)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(), "side_panels": [], "form": self.form(), **kwargs}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        to_officer = form.cleaned_data["to_officer"]
        try:
            services.hand_over_case(
                application_id=self.case.application.pk, officer=self.officer, to_officer=to_officer
            )
        except DomainError as error:
            messages.error(request, str(error.message))
            return self.back_to_case()
        messages.success(
            request,
            _("%(business)s is with %(name)s now.")
            % {"business": self.case.application.name, "name": to_officer.user.get_full_name()},
        )
        return redirect("verification:queue") if to_officer != self.officer else self.back_to_case()
