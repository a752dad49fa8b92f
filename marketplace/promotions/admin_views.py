"""The site's own vouchers in Wagtail's admin, for operators."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from marketplace.core.admin_access import AdminPage, PolicyMixin
from marketplace.core.exceptions import DomainError
from marketplace.core.refusals import show_refusal
from marketplace.promotions import services
from marketplace.promotions.forms import VoucherForm
from marketplace.promotions.models import Voucher
from marketplace.promotions.policies import may_run_vouchers
from marketplace.promotions.selectors import vouchers_of_site

PER_PAGE = 50


class OperatorsOnly(PolicyMixin):
    """For everybody else in the admin it does not exist."""

    policy = staticmethod(may_run_vouchers)


class VoucherListView(OperatorsOnly, AdminPage):
    """Every voucher of the site with its worth, limits, and what it has cost so far."""

    template_name = "promotions/admin/list.html"
    page_title = gettext_lazy("The site's vouchers")
    header_icon = "tag"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(vouchers_of_site(), PER_PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(**kwargs) | {"page_obj": page}


class VoucherEditView(OperatorsOnly, AdminPage):
    """A new voucher of the site, or one to change."""

    template_name = "promotions/admin/edit.html"
    page_title = gettext_lazy("Voucher of the site")
    header_icon = "tag"

    def _voucher(self) -> Voucher | None:
        pk = self.kwargs.get("pk")
        return get_object_or_404(Voucher.objects.of_site(), pk=pk) if pk else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", VoucherForm(vendor=None, voucher=self._voucher()))
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Save it, or say beside the field why not."""
        voucher = self._voucher()
        form = VoucherForm(request.POST, vendor=None, voucher=voucher)
        if form.is_valid():
            try:
                services.save_voucher(
                    voucher_id=voucher.pk if voucher else None,
                    vendor=None,
                    draft=form.draft(),
                    actor=request.user,  # type: ignore[arg-type]
                )
            except DomainError as refused:
                show_refusal(form, refused)
            else:
                messages.success(request, _("Saved. The site bears what it takes off."))
                return redirect("promotions_admin:list")
        return self.render_to_response(self.get_context_data(form=form), status=422)


class VoucherSwitchView(OperatorsOnly, View):
    """Stop a voucher, or let it run on."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Harmless to repeat."""
        voucher = get_object_or_404(Voucher.objects.of_site(), pk=pk)
        is_active = request.POST.get("is_active") == "1"
        services.set_voucher_active(
            voucher_id=voucher.pk,
            vendor=None,
            is_active=is_active,
            actor=request.user,  # type: ignore[arg-type]
        )
        messages.success(request, _("It runs again.") if is_active else _("Stopped. Orders that have it keep it."))
        return redirect("promotions_admin:list")
