"""The buyer's pages after the sale. Whoever has an order's address, which nobody can guess, acts for the buyer."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.models import User
from marketplace.aftersales import pages, policies, selectors, services
from marketplace.aftersales.forms import AskForm, NoteForm, SentBackForm
from marketplace.aftersales.models import AftersalesTerms, RefundRequest
from marketplace.aftersales.serving import photo_response
from marketplace.carts.visitor import person_of
from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from marketplace.core.refusals import show_refusal
from marketplace.orders.access import keep_private, order_or_404
from marketplace.orders.models import Order, SubOrder
from marketplace.payments.models import Refund

Status = RefundRequest.Status


def _part_or_404(order: Order, pk: int) -> SubOrder:
    part = next((part for part in order.suborders.all() if part.pk == pk), None)
    if part is None:
        raise Http404("there is no such part")
    return part


def _request_or_404(order: Order, pk: int) -> RefundRequest:
    found = selectors.request_of_order(order=order, pk=pk)
    if found is None:
        raise Http404("there is no such request")
    return found


@require_POST
@never_cache
@throttle("order-action", rate="20/m")
def cancel(request: HttpRequest, number: str, token: str, pk: int) -> HttpResponse:
    """The buyer calls one shop's part off before it is packed; what was paid comes back by itself."""
    order = order_or_404(number, token)
    part = _part_or_404(order, pk)
    was_paid = policies.is_paid(order=order, part=part)
    try:
        services.cancel_parts(
            order_id=order.pk, suborder_ids=[part.pk], actor=person_of(request), note=_("Cancelled by the buyer")
        )
        messages.success(
            request,
            _("Cancelled. The shop knows, and your money is on its way back.")
            if was_paid
            else _("Cancelled. The shop knows, and nothing has to be paid for it."),
        )
    except DomainError as refused:
        messages.error(request, str(refused))
    return redirect(order.get_absolute_url())


@require_http_methods(["GET", "POST"])
@never_cache
@throttle("refund-ask", rate="10/m")
def ask(request: HttpRequest, number: str, token: str, pk: int) -> HttpResponse:
    """The buyer asks one shop for money back."""
    order = order_or_404(number, token)
    part = _part_or_404(order, pk)
    existing = selectors.open_request_of_part(suborder_id=part.pk)
    if existing is not None:
        return redirect("aftersales:request", number, token, existing.pk)
    allowed, why_not = policies.may_ask(order=order, part=part, has_open_request=False)
    if not allowed:
        messages.info(request, why_not)
        return redirect(order.get_absolute_url())
    form = AskForm(request.POST or None, request.FILES or None, part=part)
    if request.method == "POST" and form.is_valid():
        try:
            asked = _ask(request, part, form)
        except DomainError as refused:
            show_refusal(form, refused)
        else:
            messages.success(
                request, _("The shop has your request and answers within its term. We mail you each step.")
            )
            return redirect("aftersales:request", number, token, asked.pk)
    context = {
        "order": order,
        "part": part,
        "vendor": part.vendor,
        "form": form,
        "days": AftersalesTerms.load().days_to_decide,
    }
    return keep_private(render(request, "aftersales/ask.html", context, status=422 if form.errors else 200))


def _ask(request: HttpRequest, part: SubOrder, form: AskForm) -> RefundRequest:
    return services.ask_refund(
        suborder_id=part.pk,
        actor=person_of(request),
        reason=form.cleaned_data["reason"],
        text=form.cleaned_data["text"],
        photos=form.cleaned_data["photos"],
        sends_back=bool(form.cleaned_data.get("sends_back")),
        **form.what,
    )


@require_GET
@never_cache
def detail(request: HttpRequest, number: str, token: str, pk: int) -> HttpResponse:
    """How a request stands, and what the buyer can do about it."""
    order = order_or_404(number, token)
    return keep_private(render(request, "aftersales/request.html", _context(order, _request_or_404(order, pk))))


def _context(order: Order, row: RefundRequest, **forms: Any) -> dict[str, Any]:
    days = AftersalesTerms.load().days_to_disagree
    by_shop = Refund.objects.filter(origin=services.origin_of(row), channel=Refund.Channel.SHOP).exists()
    return {
        "order": order,
        "vendor": row.suborder.vendor,
        **pages.facts(row),
        "can_withdraw": RefundRequest.MACHINE.allows(row.status, Status.WITHDRAWN),
        "can_disagree": policies.may_disagree(request=row, now=timezone.now(), days=days)[0],
        "can_report_unpaid": by_shop and row.status in (Status.REFUNDING, Status.DONE),
        "sent_back_form": forms.get("sent_back_form") or SentBackForm(),
        "note_form": forms.get("note_form") or NoteForm(),
    }


@require_POST
@never_cache
@throttle("order-action", rate="20/m")
def act(request: HttpRequest, number: str, token: str, pk: int, step: str) -> HttpResponse:
    """A step of the buyer: withdraw, sent back, disagree, not received."""
    order = order_or_404(number, token)
    row = _request_or_404(order, pk)
    person = person_of(request)
    form = SentBackForm(request.POST) if step == "dikirim" else NoteForm(request.POST)
    try:
        if step == "tarik":
            services.withdraw_request(request_id=row.pk, actor=person)
            messages.success(request, _("Withdrawn. The shop knows."))
            return redirect("aftersales:request", number, token, pk)
        if form.is_valid():
            messages.success(request, _do(step, row, person, form.cleaned_data))
            return redirect("aftersales:request", number, token, pk)
    except DomainError as refused:
        show_refusal(form, refused)
    name = "sent_back_form" if step == "dikirim" else "note_form"
    return keep_private(render(request, "aftersales/request.html", _context(order, row, **{name: form}), status=422))


def _do(step: str, row: RefundRequest, person: User | None, values: dict[str, Any]) -> str:
    if step == "dikirim":
        services.note_sent_back(
            request_id=row.pk,
            actor=person,
            courier=values["courier"],
            tracking_number=values["tracking_number"],
        )
        return _("Noted. As soon as the shop has the goods, your money comes back.")
    if step == "banding":
        services.disagree(request_id=row.pk, actor=person, note=values["note"])
    else:
        services.dispute_hand_payment(request_id=row.pk, actor=person, note=values["note"])
    return _("Our operators look at it now and write to you.")


@require_GET
@never_cache
def photo(request: HttpRequest, number: str, token: str, pk: int, photo_id: int) -> FileResponse:
    """A photo of the buyer's own request."""
    return photo_response(_request_or_404(order_or_404(number, token), pk), photo_id)
