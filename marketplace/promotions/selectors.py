"""Questions about vouchers."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from marketplace.catalogue.models import Product
from marketplace.promotions.models import Voucher, VoucherRedemption
from marketplace.promotions.rules import Goods, Offer, Scope, offer_of
from umkm.vendors.models import Vendor

State = VoucherRedemption.State
COUNTING = (State.HELD, State.USED)


def clean_code(text: str) -> str:
    """A code as somebody types it, in the form in which it is kept."""
    return "".join(text.split()).upper()[:20]


def buyer_key(email: str) -> str:
    """By what a buyer's uses are counted: a digest of the mail address that nobody can read back."""
    return salted_hmac("promotions.buyer", email.strip().casefold(), algorithm="sha256").hexdigest()


def offer_for(code: str, goods: Sequence[Goods], *, email: str = "", now: datetime | None = None) -> Offer:
    """What the voucher with this code takes off these goods, or why it takes off nothing. At most five queries.

    Arguments:
        email: the buyer's, where it is known to be theirs: then what they have had already counts.
    """
    voucher = Voucher.objects.select_related("vendor").filter(code=clean_code(code)).first()
    if voucher is None:
        return Offer(None, (0,) * len(goods), _("There is no voucher with this code. Check the letters and digits."))
    scope = scope_of(voucher)
    if scope.categories:
        paths = dict(
            Product.objects.filter(pk__in=[each.product_id for each in goods]).values_list("pk", "category__path")
        )
        goods = [Goods(each.vendor_id, each.product_id, each.total, paths.get(each.product_id, "")) for each in goods]
    had = bool(email) and has_had(voucher, email)
    return offer_of(voucher, scope, goods, now=now or timezone.now(), shop=voucher.giver, had=had)


def has_had(voucher: Voucher, email: str) -> bool:
    """Whether this buyer has used a voucher as often as it allows; no query where there is no such limit."""
    if voucher.limit_per_buyer is None:
        return False
    counting = VoucherRedemption.objects.filter(
        voucher=voucher, buyer=buyer_key(email), state__in=COUNTING, is_counted=True
    )
    return counting.count() >= voucher.limit_per_buyer


def scope_of(voucher: Voucher) -> Scope:
    """What a voucher is for; two queries."""
    return Scope(
        frozenset(voucher.products.values_list("pk", flat=True)),
        tuple(voucher.categories.values_list("path", flat=True)),
    )


def vouchers_of_shop(*, vendor: Vendor) -> "QuerySet[Voucher]":
    """A shop's vouchers with what they have given so far as `given`, those in use first."""
    return _with_given(Voucher.objects.of_shop(vendor))


def vouchers_of_site() -> "QuerySet[Voucher]":
    """The site's own vouchers, in the same way."""
    return _with_given(Voucher.objects.of_site())


def _with_given(vouchers: "QuerySet[Voucher]") -> "QuerySet[Voucher]":
    counting = Q(redemptions__state__in=COUNTING)
    given = Coalesce(Sum("redemptions__amount", filter=counting), 0)
    return vouchers.annotate(given=given).order_by("-is_active", "-created_at", "-pk")
