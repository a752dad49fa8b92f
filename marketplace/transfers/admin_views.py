"""The operators' list of transfers that a shop did not answer in time, inside Wagtail's admin."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from marketplace.core.admin_access import AdminPage, PolicyMixin
from marketplace.core.exceptions import DomainError
from marketplace.transfers import services
from marketplace.transfers.models import TransferProof
from marketplace.transfers.policies import may_answer, may_decide
from marketplace.transfers.selectors import with_operators
from marketplace.transfers.serving import proof_response

SHOWN = 50


class OperatorMixin(PolicyMixin):
    """For operators; for everybody else in the admin it does not exist."""

    policy = staticmethod(may_decide)


class QueueView(OperatorMixin, AdminPage):
    """Proofs that wait for an operator, the longest waiting first."""

    template_name = "transfers/admin/queue.html"
    page_title = gettext_lazy("Transfers to decide")
    header_icon = "time"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(with_operators()[: SHOWN + 1])
        return super().get_context_data(**kwargs) | {"rows": rows[:SHOWN], "has_more": len(rows) > SHOWN}


class AnswerView(OperatorMixin, View):
    """An operator decides in place of the shop, after talking to it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        transfer = get_object_or_404(with_operators(), pk=pk)
        allowed, reason = may_answer(user=request.user, transfer=transfer)  # type: ignore[arg-type]
        if not allowed:
            messages.error(request, reason)
            return redirect("transfers_admin:queue")
        try:
            if "confirm" in request.POST:
                services.confirm_transfer(request_id=pk, actor=request.user)  # type: ignore[arg-type]
                messages.success(request, _("Confirmed. The shop packs now, the buyer has been told."))
            else:
                services.refuse_proof(request_id=pk, actor=request.user, reason=request.POST.get("reason", ""))  # type: ignore[arg-type]
                messages.success(request, _("Refused. The buyer reads your reason and can show another proof."))
        except DomainError as refused:
            messages.error(request, str(refused))
        return redirect("transfers_admin:queue")


class ProofView(OperatorMixin, View):
    """A proof, for an operator who has to decide about it. The look is written down."""

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        proof = get_object_or_404(TransferProof.objects.filter(request__in=with_operators()), pk=pk)
        response = proof_response(proof)
        services.record_proof_view(proof=proof, viewer=request.user)  # type: ignore[arg-type]
        return response
