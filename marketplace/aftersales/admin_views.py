"""The operators' queue of what buyers and shops could not settle, inside Wagtail's admin."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from marketplace.aftersales import pages, selectors, services
from marketplace.aftersales.forms import AnswerForm
from marketplace.aftersales.models import RefundRequest
from marketplace.aftersales.policies import may_judge
from marketplace.aftersales.serving import photo_response
from marketplace.core.admin_access import AdminPage, PolicyMixin
from marketplace.core.exceptions import DomainError
from marketplace.core.refusals import show_refusal
from marketplace.payments.models import Refund
from marketplace.payments.selectors import refunds_of

SHOWN = 50


class OperatorMixin(PolicyMixin):
    """For operators; for everybody else in the admin it does not exist."""

    policy = staticmethod(may_judge)


def _for_operators(form: AnswerForm) -> AnswerForm:
    """The shop's form in the words of the admin."""
    form.fields["answer"].label = _("Your decision")
    form.fields["note"].label = _("Your words to both sides")
    form.fields["note"].help_text = _("Needed for a refusal, or for less than was asked.")
    return form


def _row_or_404(pk: int) -> RefundRequest:
    row = selectors.request_for_operator(pk=pk)
    if row is None:
        raise Http404("there is no such request")
    return row


class RequestListView(OperatorMixin, AdminPage):
    """What waits for a decision, and what is still running between buyers and shops."""

    template_name = "aftersales/admin/list.html"
    page_title = gettext_lazy("Requests for money back")
    header_icon = "resubmit"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["waiting"] = list(selectors.escalated_requests()[:SHOWN])
        context["running"] = [
            {"row": row, "turn": pages.waiting_for(row)} for row in selectors.running_requests()[:SHOWN]
        ]
        return context


class RequestView(OperatorMixin, AdminPage):
    """One request with both sides, and the decision."""

    template_name = "aftersales/admin/request.html"
    header_icon = "resubmit"

    def get_page_title(self) -> str:
        return _("Request, order %(number)s") % {"number": self.row.suborder.order.number}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("aftersales_admin:list"), "label": RequestListView.page_title},
            {"url": "", "label": self.row.suborder.order.number},
        ]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.form: AnswerForm | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if may_judge(user=request.user)[0]:
            self.row = _row_or_404(kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        refunds = list(refunds_of(order=self.row.suborder.order))
        outside = services.refunds_outside(self.row)
        mine = [row for row in refunds if row.origin == services.origin_of(self.row) or row in outside]
        can_take_over = any(refund.channel == Refund.Channel.SHOP for refund in mine)
        context.update(pages.facts(self.row))
        context.update(
            {
                "order": self.row.suborder.order,
                "vendor": self.row.suborder.vendor,
                "refunds": mine,
                "is_mine": self.row.status == RefundRequest.Status.ESCALATED,
                "can_take_over": can_take_over,
                # Once money was sent and did not arrive, the way of the refund is to be mended, not the decision.
                "can_decide": self.row.status == RefundRequest.Status.ESCALATED and not mine,
                "answer_form": _for_operators(self.form or AnswerForm(request=self.row)),
            }
        )
        return context

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The operator's decision: final for everybody."""
        self.form = AnswerForm(request.POST, request=self.row)
        if self.form.is_valid():
            try:
                self._decide(request, self.form.cleaned_data)
            except DomainError as refused:
                show_refusal(self.form, refused)
            else:
                messages.success(request, _("Decided. Both sides get a mail."))
                return redirect("aftersales_admin:list")
        return render(request, self.template_name, self.get_context_data(pk=pk), status=422)

    def _decide(self, request: HttpRequest, values: dict[str, Any]) -> None:
        actor: Any = request.user
        if values["answer"] == AnswerForm.REFUSE:
            services.decline_request(request_id=self.row.pk, actor=actor, note=values["note"], as_operator=True)
            return
        services.approve_request(
            request_id=self.row.pk,
            actor=actor,
            note=values["note"],
            amount=values["amount"],
            needs_return=values["answer"] == AnswerForm.AGREE_AFTER_RETURN,
            as_operator=True,
        )


class TakeOverView(OperatorMixin, View):
    """The operator pays instead of the shop, which owes it from then on."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = _row_or_404(pk)
        actor: Any = request.user
        try:
            services.take_over(request_id=row.pk, actor=actor, note=request.POST.get("note", ""))
            messages.success(request, _("Pay it by hand now, then confirm it in the list of payments."))
        except DomainError as refused:
            messages.error(request, str(refused))
        return redirect("aftersales_admin:request", pk)


class PhotoView(OperatorMixin, View):
    """A photo of any request."""

    def get(self, request: HttpRequest, pk: int, photo_id: int) -> FileResponse:
        return photo_response(_row_or_404(pk), photo_id)
