"""What the owner's pages show, put together from what the other slices know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.aftersales.selectors import waiting_for_shop
from marketplace.catalogue.models import Variant
from marketplace.catalogue.querysets import ProductQuerySet, ProductState
from marketplace.catalogue.selectors import products_of_vendor
from marketplace.core.dates import format_local_date
from marketplace.core.money import format_rupiah
from marketplace.inventory.models import StockItem
from marketplace.orders.models import SubOrder, SubOrderEvent
from marketplace.orders.turnover import turned_over
from marketplace.reference.models import Category, CategoryRequirement
from marketplace.reference.selectors import requirements_of
from marketplace.transfers.selectors import proofs_to_check
from umkm.registration.models import LegalDocument
from umkm.vendors.models import Vendor
from umkm.verification.renewals import waiting_kinds

LOW_STOCK = 4
EXPIRES_SOON = timedelta(days=30)
# Of one kind; the rest stands behind one line, so that a long list never hides another kind.
MOST_OF_A_KIND = 3


@dataclass(frozen=True)
class Task:
    """One thing to do: what, until when, and where."""

    title: str
    url: str
    action: str
    icon_name: str
    due: str = ""
    note: str = ""
    tone: str = ""


def products_of(vendor: Vendor, *, state: str = "", query: str = "", only_low_stock: bool = False) -> ProductQuerySet:
    """The vendor's products with their prepared rows and reviews, newest first.

    Arguments:
        state: a ProductState, or nothing for all that are not archived.
        query: part of a name.
    """
    products = products_of_vendor(vendor).with_review().select_related("listing", "category")
    products = products.in_state(ProductState(state)) if state else products.filter(archived_at=None)
    for word in query.split():
        products = products.filter(Q(name__icontains=word) | Q(name_en__icontains=word) | Q(tags__icontains=word))
    if only_low_stock:
        products = products.filter(live=True, listing__stock_left__lte=LOW_STOCK)
    return products.annotate(variant_count=Count("variants", filter=Q(variants__is_retired=False))).order_by(
        "-created_at", "-pk"
    )


def stock_of(variants: Iterable[Variant]) -> dict[int, StockItem]:
    """The stock of each variant that has any row of stock."""
    return {row.variant_id: row for row in StockItem.objects.filter(variant__in=[variant.pk for variant in variants])}


def papers_lacking(vendor: Vendor, category: Category) -> list[str]:
    """The permits that a category needs and the vendor lacks now, by name; alternatives with "or". Two queries."""
    held = set(
        LegalDocument.objects.filter(vendor=vendor, is_current=True)
        .exclude(expires_on__lt=timezone.localdate())
        .values_list("kind_id", flat=True)
    )
    groups: dict[str, list[CategoryRequirement]] = {}
    for need in requirements_of([category]):
        if need.strength == CategoryRequirement.Strength.REQUIRED:
            groups.setdefault(need.group or f"only-{need.pk}", []).append(need)
    return [
        _(" or ").join(need.document_kind.display_name for need in needs)
        for needs in groups.values()
        if not held.intersection(need.document_kind_id for need in needs)
    ]


# --- today -------------------------------------------------------------------------------------------------------
def tasks_of(vendor: Vendor) -> list[Task]:
    """What waits for the vendor, most urgent first: transfers and parcels, products sent back, papers, stock."""
    return [
        *_transfers(vendor),
        *_requests(vendor),
        *_parcels(vendor),
        *_products_to_mend(vendor),
        *_papers(vendor),
        *_low_stock(vendor),
        *_unfinished(vendor),
    ]


def _transfers(vendor: Vendor) -> list[Task]:
    count = proofs_to_check(vendor=vendor)
    if not count:
        return []
    return [
        Task(
            title=ngettext("Check %(count)s transfer", "Check %(count)s transfers", count) % {"count": count},
            note=_("A buyer says the money is on its way. Look into your account, then confirm it."),
            icon_name="money",
            tone="now",
            url=reverse("portal:transfers", args=[vendor.slug]),
            action=_("See the proofs"),
        )
    ]


def _requests(vendor: Vendor) -> list[Task]:
    """Buyers who want money back and wait for the shop: first of all, since their term runs."""
    waiting = waiting_for_shop(vendor=vendor)
    if not waiting["count"]:
        return []
    return [
        Task(
            title=ngettext(
                "%(count)d buyer waits for your answer about money",
                "%(count)d buyers wait for your answer about money",
                waiting["count"],
            )
            % {"count": waiting["count"]},
            url=reverse("portal:requests", args=[vendor.slug]),
            action=_("Answer"),
            icon_name="arrow-u-up-left",
            due=format_local_date(waiting["due"], "day") if waiting["due"] else "",
            tone="due",
        )
    ]


def _parcels(vendor: Vendor) -> list[Task]:
    waiting = {
        row["status"]: row
        for row in SubOrder.objects.filter(
            vendor=vendor, status__in=(SubOrder.Status.CONFIRMED, SubOrder.Status.PACKED)
        )
        .order_by()
        .values("status")
        .annotate(count=Count("pk", distinct=True), pieces=Sum("lines__quantity"))
    }
    oldest = (
        SubOrder.objects.filter(vendor=vendor, status__in=waiting)
        .order_by(F("confirmed_at").asc(nulls_last=True), "created_at")
        .first()
        if waiting
        else None
    )
    tasks = []
    if row := waiting.get(SubOrder.Status.CONFIRMED):
        since = (oldest.confirmed_at or oldest.created_at) if oldest else timezone.now()
        tasks.append(
            Task(
                title=ngettext("Pack %(count)s order", "Pack %(count)s orders", row["count"]) % row,
                due=_("The oldest: %(moment)s.") % {"moment": format_local_date(since, "relative")},
                note=ngettext("%(pieces)s piece in all.", "%(pieces)s pieces in all.", row["pieces"] or 0) % row,
                icon_name="package",
                tone="now",
                url=orders_address(vendor, SubOrder.Status.CONFIRMED),
                action=_("Start packing"),
            )
        )
    if row := waiting.get(SubOrder.Status.PACKED):
        tasks.append(
            Task(
                title=ngettext("Hand over %(count)s parcel", "Hand over %(count)s parcels", row["count"]) % row,
                note=_("Packed already. Give them to the courier or to the buyer."),
                icon_name="truck",
                url=orders_address(vendor, SubOrder.Status.PACKED),
                action=_("See the parcels"),
            )
        )
    return tasks


def orders_address(vendor: Vendor, status: str) -> str:
    """The vendor's orders in one state."""
    return reverse("portal:orders", args=[vendor.slug]) + f"?status={status}"


def _products_to_mend(vendor: Vendor) -> list[Task]:
    sent_back = products_of_vendor(vendor).with_review().in_state(ProductState.NEEDS_CHANGES).order_by("created_at")
    return [
        Task(
            title=_("Mend %(product)s") % {"product": product.name},
            due=_("The office asks:"),
            note=product.review_comment or "",
            icon_name="note-pencil",
            tone="due",
            url=reverse("portal:product-edit", args=[vendor.slug, product.pk]),
            action=_("Mend it"),
        )
        for product in sent_back[:MOST_OF_A_KIND]
    ]


def _papers(vendor: Vendor) -> list[Task]:
    today = timezone.localdate()
    papers = (
        LegalDocument.objects.filter(vendor=vendor, is_current=True, expires_on__lte=today + EXPIRES_SOON)
        .filter(kind__is_identity=False)
        # What was sent already is the officer's to do.
        .exclude(kind__in=waiting_kinds(vendor))
        .select_related("kind")
        .order_by("expires_on")
    )
    return [
        _paper_task(vendor, paper, paper.expires_on, today) for paper in papers[:MOST_OF_A_KIND] if paper.expires_on
    ]


def _paper_task(vendor: Vendor, paper: LegalDocument, last_day: date, today: date) -> Task:
    days = (last_day - today).days
    kind = paper.kind.display_name
    if days < 0:
        due = _("Expired on %(day)s.") % {"day": format_local_date(last_day)}
        note = _("Its badge no longer stands on your shop.")
    else:
        due = ngettext("%(days)s day left.", "%(days)s days left.", days) % {"days": days}
        note = _("After %(day)s the badge goes.") % {"day": format_local_date(last_day)}
    return Task(
        title=_("Renew %(paper)s") % {"paper": kind},
        due=due,
        note=note,
        icon_name="certificate",
        tone="due",
        url=reverse("portal:paper-renew", args=[vendor.slug, paper.kind.slug]),
        action=_("Send the renewed paper"),
    )


def _low_stock(vendor: Vendor) -> list[Task]:
    running_out = (
        products_of_vendor(vendor)
        .filter(live=True, archived_at=None, listing__stock_left__lte=LOW_STOCK)
        .select_related("listing")
        .order_by("listing__stock_left", "name")
    )
    found = list(running_out[: MOST_OF_A_KIND + 1])
    tasks = [
        Task(
            title=_("%(product)s: %(left)s left") % {"product": product.name, "left": product.listing.stock_left}
            if product.listing.stock_left
            else _("%(product)s is sold out") % {"product": product.name},
            note=_("Buyers cannot order it now.") if not product.listing.stock_left else "",
            icon_name="hourglass",
            tone="due",
            url=reverse("portal:product-stock", args=[vendor.slug, product.pk]),
            action=_("Add stock"),
        )
        for product in found[:MOST_OF_A_KIND]
    ]
    if len(found) > MOST_OF_A_KIND:
        tasks.append(
            Task(
                title=_("More products are running out"),
                icon_name="hourglass",
                url=reverse("portal:products", args=[vendor.slug]) + "?stok=tipis",
                action=_("See all"),
            )
        )
    return tasks


def _unfinished(vendor: Vendor) -> list[Task]:
    drafts = products_of_vendor(vendor).with_review().in_state(ProductState.DRAFT).order_by("-created_at")
    count = drafts.count()
    if not count:
        return []
    return [
        Task(
            title=ngettext("Finish %(count)s draft", "Finish %(count)s drafts", count) % {"count": count},
            note=_("Buyers see a product after you send it and the office has checked it."),
            icon_name="pencil-simple",
            url=reverse("portal:products", args=[vendor.slug]) + f"?status={ProductState.DRAFT}",
            action=_("Go on"),
        )
    ]


def done_today(vendor: Vendor) -> int:
    """How many parcels the vendor packed, sent or laid ready since midnight."""
    steps = (SubOrder.Status.PACKED, SubOrder.Status.SHIPPED, SubOrder.Status.READY_FOR_PICKUP)
    return SubOrderEvent.objects.filter(
        suborder__vendor=vendor, status__in=steps, happened_at__date=timezone.localdate()
    ).count()


def latest_orders(vendor: Vendor, *, limit: int = 5) -> "QuerySet[SubOrder]":
    """The vendor's newest parts of orders, with their lines."""
    return (
        SubOrder.objects.filter(vendor=vendor)
        .exclude(status=SubOrder.Status.PENDING)
        .select_related("order")
        .prefetch_related("lines")
        .order_by("-created_at", "-pk")[:limit]
    )


@dataclass(frozen=True)
class Week:
    """Seven days of sales, for the bars."""

    total: int
    change: int | None
    bars: list[dict[str, Any]]
    label: str

    @property
    def drop(self) -> int:
        """By how many percent it fell."""
        return -(self.change or 0)


def week_of_sales(vendor: Vendor) -> Week:
    """What was sold on each of the last seven days, and how that compares with the seven before. One query."""
    today = timezone.localdate()
    first = today - timedelta(days=13)
    rows = dict(
        turned_over(SubOrder.objects.filter(vendor=vendor, confirmed_at__date__gte=first))
        .order_by()
        .annotate(day=TruncDate("confirmed_at"))
        .values("day")
        .annotate(sold=Sum("remaining"))
        .values_list("day", "sold")
    )
    days = [today - timedelta(days=back) for back in range(6, -1, -1)]
    sold = [rows.get(day, 0) for day in days]
    total, before = sum(sold), sum(amount for day, amount in rows.items() if day < days[0])
    highest = max(sold)
    bars = [
        {
            "label": format_local_date(day, "day")[:3],
            "height": max(2, round(84 * amount / highest)) if highest else 2,
            "value_label": _short(amount) if amount and (amount == highest or day == today) else "",
            "is_now": day == today,
        }
        for day, amount in zip(days, sold, strict=True)
    ]
    best = days[sold.index(highest)]
    label = (
        _("Sales per day, most on %(day)s: %(amount)s")
        % {"day": format_local_date(best, "day"), "amount": format_rupiah(highest)}
        if highest
        else _("No sales in the last seven days")
    )
    change = round(100 * (total - before) / before) if before else None
    return Week(total=total, change=change, bars=bars, label=label)


def _short(amount: int) -> str:
    """`468000` → `468 rb`, as people say it."""
    if amount >= 1_000_000:
        return _("%(amount)s m") % {"amount": f"{amount / 1_000_000:.1f}".replace(".", ",")}
    return _("%(amount)s k") % {"amount": round(amount / 1000)}
