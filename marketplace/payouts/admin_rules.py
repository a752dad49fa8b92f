"""What operators keep in order around payouts: bank accounts, commission, and the shops' sales by month."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError
from marketplace.core.refusals import show_refusal
from marketplace.core.spreadsheets import CONTENT_TYPES, table_bytes
from marketplace.payouts import selectors, services
from marketplace.payouts.admin_views import PER_PAGE, PayoutsMixin, PayoutsPage
from marketplace.payouts.balances import terms
from marketplace.payouts.forms import CommissionRuleForm, MonthForm, StripeAccountForm
from marketplace.payouts.models import StripeAccount
from marketplace.payouts.policies import may_run_payouts, vendors_for


class AccountsView(PayoutsPage):
    """Bank accounts that wait for a check, by their last digits."""

    policy = staticmethod(may_run_payouts)
    template_name = "payouts/admin/accounts.html"
    page_title = gettext_lazy("Bank accounts to check")
    section = "accounts"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", StripeAccountForm())
        rows = selectors.accounts_to_check().defer("number", "holder")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        linked = StripeAccount.objects.select_related("vendor").order_by("vendor__name")
        return super().get_context_data(**kwargs) | {"page_obj": page, "linked": linked}

    def post(self, request: HttpRequest) -> HttpResponse:
        """Link a shop's own account at Stripe."""
        form = StripeAccountForm(request.POST)
        if form.is_valid():
            try:
                account = services.link_stripe_account(
                    vendor_id=form.cleaned_data["vendor"].pk,
                    account_id=form.cleaned_data["account_id"],
                    actor=request.user,  # type: ignore[arg-type]
                )
            except DomainError as refused:
                show_refusal(form, refused)
            else:
                if account.can_receive:
                    messages.success(request, _("Linked. Its payouts go there from now on."))
                else:
                    messages.warning(
                        request, _("Linked. Stripe still asks its owner something; until then the bank is used.")
                    )
                return redirect("payouts_admin:accounts")
        return self.render_to_response(self.get_context_data(form=form), status=422)


class AccountView(PayoutsPage):
    """One account beside who stands behind the shop. Looking at it is written down."""

    policy = staticmethod(may_run_payouts)
    template_name = "payouts/admin/account.html"
    page_title = gettext_lazy("Check a bank account")
    section = "accounts"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account = get_object_or_404(selectors.accounts_to_check(), pk=self.kwargs["pk"])
        services.record_account_view(account=account, viewer=self.request.user)  # type: ignore[arg-type]
        return super().get_context_data(**kwargs) | {
            "account": account,
            "identity": getattr(account.vendor, "identity", None),
        }

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """It is the shop's, or it is not, with a reason."""
        account = get_object_or_404(selectors.accounts_to_check(), pk=pk)
        try:
            services.check_account(
                account_id=account.pk,
                actor=request.user,  # type: ignore[arg-type]
                is_right=request.POST.get("result") == "right",
                note=request.POST.get("note", ""),
            )
        except DomainError as refused:
            messages.error(request, str(refused))
            return redirect("payouts_admin:account", pk)
        messages.success(request, _("Noted. The owner has been told."))
        return redirect("payouts_admin:accounts")


class CommissionView(PayoutsPage):
    """The rules of commission, and a new one."""

    policy = staticmethod(may_run_payouts)
    template_name = "payouts/admin/commission.html"
    page_title = gettext_lazy("Commission")
    section = "commission"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", CommissionRuleForm())
        rules = Paginator(selectors.commission_rules(), PER_PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(**kwargs) | {"page_obj": rules, "today": timezone.localdate()}

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set a rule, or say beside its field why not."""
        form = CommissionRuleForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                services.set_commission_rule(
                    actor=request.user,  # type: ignore[arg-type]
                    valid_from=data["valid_from"],
                    basis_points=form.basis_points,
                    fixed_fee=data["fixed_fee"] or 0,
                    site_sends=data["site_sends"],
                    vendor_id=data["vendor"].pk if data["vendor"] else None,
                    category_id=data["category"].pk if data["category"] else None,
                    note=data["note"],
                )
            except DomainError as refused:
                show_refusal(form, refused)
            else:
                messages.success(request, _("Set. Sales until then keep their commission."))
                return redirect("payouts_admin:commission")
        return self.render_to_response(self.get_context_data(form=form), status=422)


class RemoveRuleView(PayoutsMixin, View):
    """Take back a rule that does not hold yet."""

    policy = staticmethod(may_run_payouts)
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            services.remove_commission_rule(rule_id=pk, actor=request.user)  # type: ignore[arg-type]
        except DomainError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Removed."))
        return redirect("payouts_admin:commission")


class GrossView(PayoutsPage):
    """What each shop sold in a month, on screen and as a file; officers see the shops of their region."""

    template_name = "payouts/admin/gross.html"
    page_title = gettext_lazy("Sales by month")
    section = "gross"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = MonthForm({"month": request.GET.get("month") or MonthForm.current()})
        month = form.cleaned_data["month"] if form.is_valid() else timezone.localdate().replace(day=1)
        rows = selectors.monthly_gross(vendors=vendors_for(user=request.user), month=month)
        kind = request.GET.get("export", "")
        if kind in CONTENT_TYPES:
            return self._file(request, kind, month, rows)
        context = self.get_context_data(
            form=form,
            month=month,
            page_obj=Paginator(rows, PER_PAGE).get_page(request.GET.get("p")),
            total=sum(row.remaining for row in rows),
        )
        return self.render_to_response(context)

    def _file(self, request: HttpRequest, kind: str, month: Any, rows: list[selectors.MonthRow]) -> HttpResponse:
        columns = [
            _("Business"),
            _("NIB"),
            _("Month"),
            _("Orders"),
            _("Gross"),
            _("Went back"),
            _("Remains"),
            _("Commission"),
        ]
        table = [
            (
                row.vendor.name,
                row.vendor.nib,
                f"{month:%Y-%m}",
                row.orders,
                row.gross,
                row.refunded,
                row.remaining,
                row.commission,
            )
            for row in rows
        ]
        record(
            action="payouts.gross_exported",
            target=terms(),
            actor=request.user,
            data={"month": f"{month:%Y-%m}", "rows": len(table), "format": kind},
        )
        response = HttpResponse(table_bytes(kind, columns, table), content_type=CONTENT_TYPES[kind])
        response["Content-Disposition"] = f'attachment; filename="omzet-{month:%Y-%m}.{kind}"'
        response["Cache-Control"] = "private, no-store"
        return response
