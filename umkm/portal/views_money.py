"""A shop's money, for its owner: what is ready, what waits, statements, payouts, and the year's sales."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from marketplace.core.exceptions import DomainError
from marketplace.core.spreadsheets import CONTENT_TYPES, table_bytes
from marketplace.payouts import balances, selectors, services, statements
from marketplace.payouts.models import Payout
from marketplace.payouts.policies import why_not
from umkm.portal.access import frame, owner_view
from umkm.vendors.models import VendorIdentity, VendorMember

PER_PAGE = 50
LATEST = 10
# How a payout stands, as a badge.
BADGES = {
    Payout.Status.DRAFT: "",
    Payout.Status.APPROVED: "",
    Payout.Status.SENT: "due",
    Payout.Status.PAID: "permit",
    Payout.Status.RETURNED: "expired",
}


@owner_view
@never_cache
@require_GET
def money(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """What can be paid out, what is not due yet, what is on its way, and when the next payout is."""
    vendor, now = member.vendor, timezone.now()
    standing = balances.standing_of(vendor_id=vendor.pk, now=now)
    account = balances.current_account(vendor_id=vendor.pk)
    payouts = _payouts(member)[: LATEST + 1]
    context = {
        **frame(member, "money"),
        "standing": standing,
        "on_its_way": standing.on_its_way + standing.prepared,
        "owed": -standing.available if standing.available < 0 else 0,
        "account": account,
        "blocked": why_not(vendor=vendor, account=account, now=now) if account else "",
        "terms": balances.terms(),
        "next_day": balances.next_payout_day(),
        "payouts": [{"payout": payout, "badge": BADGES.get(payout.status, "")} for payout in payouts[:LATEST]],
        "months": statements.months_with_movements(vendor=vendor)[:3],
        "this_year": timezone.localdate().year,
    }
    return render(request, "portal/money/home.html", context)


@owner_view
@never_cache
@require_GET
def ready_rows(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """What the amount that can be paid out is made of."""
    rows = statements.ready_rows(vendor=member.vendor)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {**frame(member, "money"), "page_obj": page, "total": sum(row.amount for row in rows)}
    return render(request, "portal/money/ready.html", context)


@owner_view
@never_cache
@require_GET
def waiting_rows(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """What is sold and not due yet, with the day from which each is."""
    rows = balances.waiting_parts(vendor_id=member.vendor.pk)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **frame(member, "money"),
        "page_obj": page,
        "total": sum(row.amount for row in rows),
        "hold_days": balances.terms().hold_days,
    }
    return render(request, "portal/money/waiting.html", context)


@owner_view
@never_cache
@require_GET
def statements_list(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """The months that have a statement."""
    context = {**frame(member, "money"), "months": statements.months_with_movements(vendor=member.vendor)}
    return render(request, "portal/money/statements.html", context)


@owner_view
@never_cache
@require_GET
def statement_page(request: HttpRequest, member: VendorMember, year: int, month: int) -> HttpResponse:
    """Every movement of a month with the balance after it."""
    found = statements.statement(vendor=member.vendor, month=_month(year, month))
    return render(request, "portal/money/statement.html", {**frame(member, "money"), "statement": found})


@owner_view
@require_GET
def statement_file(request: HttpRequest, member: VendorMember, year: int, month: int, kind: str) -> HttpResponse:
    """The statement to take along, as CSV or PDF."""
    makers = {"csv": statements.statement_csv, "pdf": statements.statement_pdf}
    if kind not in makers:
        raise Http404
    found = statements.statement(vendor=member.vendor, month=_month(year, month))
    return _file(makers[kind](found), f"mutasi-{member.vendor.slug}-{year}-{month:02d}", kind)


@owner_view
@never_cache
@require_GET
def payout_page(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """One payout: how it stands, where it went, what it is made of."""
    payout = get_object_or_404(_payouts(member), pk=pk)
    page = Paginator(selectors.items_of(payout=payout), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **frame(member, "money"),
        "payout": payout,
        "badge": BADGES.get(payout.status, ""),
        "page_obj": page,
    }
    return render(request, "portal/money/payout.html", context)


@owner_view
@never_cache
@require_GET
def turnover(request: HttpRequest, member: VendorMember, year: int) -> HttpResponse:
    """The sales of a year by month, for the tax office, and the owner's declaration."""
    vendor = member.vendor
    today = timezone.localdate()
    if not vendor.opened_at.year <= year <= today.year:
        raise Http404
    rows = selectors.months_of(vendor=vendor, year=year)
    identity = VendorIdentity.objects.filter(vendor=vendor).first()
    context = {
        **frame(member, "money"),
        "year": year,
        "years": [each for each in range(vendor.opened_at.year, today.year + 1) if each != year],
        "rows": rows,
        "total": sum(row.remaining for row in rows),
        "limit": selectors.DECLARATION_LIMIT,
        "declaration": selectors.declaration_of(vendor=vendor, year=year),
        "can_declare": year == today.year,
        "has_npwp": bool(identity and identity.npwp),
        "has_nik": bool(identity and identity.nik),
    }
    return render(request, "portal/money/turnover.html", context)


@owner_view
@require_GET
def turnover_file(request: HttpRequest, member: VendorMember, year: int, kind: str) -> HttpResponse:
    """The same as CSV or XLSX."""
    if kind not in CONTENT_TYPES:
        raise Http404
    columns = [_("Month"), _("Orders"), _("Gross"), _("Went back"), _("Remains"), _("Commission")]
    rows = [
        (f"{row.month:%Y-%m}", row.orders, row.gross, row.refunded, row.remaining, row.commission)
        for row in selectors.months_of(vendor=member.vendor, year=_year(year))
    ]
    return _file(table_bytes(kind, columns, rows), f"omzet-{member.vendor.slug}-{year}", kind)


@owner_view
@require_POST
def declare(request: HttpRequest, member: VendorMember, year: int) -> HttpResponse:
    """The owner says whether the year stays within the limit."""
    answer = request.POST.get("within")
    if answer not in ("yes", "no"):
        messages.error(request, _("Choose one of the two."))
        return redirect("portal:money-turnover", member.vendor.slug, year)
    try:
        services.declare_turnover(
            vendor_id=member.vendor.pk, actor=member.user, year=year, is_within_limit=answer == "yes"
        )
    except DomainError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Noted. You can change it as long as the year runs."))
    return redirect("portal:money-turnover", member.vendor.slug, year)


def _payouts(member: VendorMember) -> Any:
    payouts = selectors.payouts_in(payouts=Payout.objects.filter(vendor=member.vendor))
    # What was called off before it was sent never was on its way to the shop.
    return payouts.exclude(status=Payout.Status.CANCELLED)


def _year(year: int) -> int:
    if not 2000 <= year <= 2999:
        raise Http404
    return year


def _month(year: int, month: int) -> date:
    if not 1 <= month <= 12:
        raise Http404
    return date(_year(year), month, 1)


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type={**CONTENT_TYPES, "pdf": "application/pdf"}[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["Cache-Control"] = "private, no-store"
    return response
