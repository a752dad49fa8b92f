"""Vouchers of the demo: the site's for everybody, one of a shop whose login is printed, one that is over."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from marketplace.accounts.models import User
from marketplace.installation.demo.businesses import KNOWN_OWNERS
from marketplace.installation.demo.people import OPERATOR
from marketplace.installation.demo.timeline import Timeline
from marketplace.outbox.services import process_due
from marketplace.promotions.models import Voucher
from marketplace.promotions.services import VoucherDraft, save_voucher
from marketplace.promotions.tasks import RELEASE_TOPIC, USED_TOPIC
from umkm.vendors.models import Vendor

SITES, OVER, SHOPS = "NGALAM10", "KEMERDEKAAN", "OMAHTEMPE"
SITES_DAYS, SHOPS_DAYS = 60, 40
OVER_FROM, OVER_UNTIL = 110, 95
# Each so many orders somebody types a code.
EVERY = 6


class Vouchers:
    """Gives out the vouchers; `Sales` uses them."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline

    def schedule(self) -> None:
        """At fixed days, so that the rest of the demo stays what it is."""
        for days, action in ((OVER_FROM, self._over), (SITES_DAYS, self._sites), (SHOPS_DAYS, self._shops)):
            self.timeline.at(self.timeline.now - timedelta(days=days), action)
        self.timeline.at(self.timeline.now - timedelta(minutes=1), self._follow_orders)

    def _over(self) -> None:
        self._save(OVER, days=OVER_FROM, percent=17, amount=17_000, until=OVER_UNTIL)

    def _sites(self) -> None:
        self._save(SITES, days=SITES_DAYS, percent=10, amount=20_000, min_basket=50_000, limit_total=200)

    def _shops(self) -> None:
        shop = Vendor.objects.filter(slug=next(iter(KNOWN_OWNERS))).first()
        if shop is not None:
            self._save(SHOPS, days=SHOPS_DAYS, amount=10_000, min_basket=60_000, limit_total=50, vendor=shop)

    def _save(
        self,
        code: str,
        *,
        days: int,
        amount: int,
        percent: int | None = None,
        min_basket: int = 0,
        limit_total: int | None = None,
        until: int | None = None,
        vendor: Vendor | None = None,
    ) -> None:
        actor = vendor.members.order_by("pk").first().user if vendor else User.objects.get(email=OPERATOR.email)  # type: ignore[union-attr]
        draft = VoucherDraft(
            code=code,
            kind=Voucher.Kind.PERCENT if percent else Voucher.Kind.FIXED,
            percent=percent,
            amount=amount,
            min_basket=min_basket,
            valid_from=self.timeline.now - timedelta(days=days),
            valid_until=self.timeline.now - timedelta(days=until) if until else None,
            limit_total=limit_total,
            # People of the demo come back often.
            limit_per_buyer=None,
        )
        save_voucher(voucher_id=None, vendor=vendor, draft=draft, actor=actor)

    def _follow_orders(self) -> None:
        """Paid orders have used theirs, ended ones have given them back."""
        while process_due(topics=[USED_TOPIC, RELEASE_TOPIC]):
            pass


def code_for(number: int, shops: Iterable[str], moment: datetime, now: datetime) -> str:
    """The code that the buyer of this order types; empty for most."""
    age = (now - moment).days
    if number % EVERY != 1:
        return ""
    if next(iter(KNOWN_OWNERS)) in set(shops) and age < SHOPS_DAYS:
        return SHOPS
    if OVER_UNTIL < age < OVER_FROM:
        return OVER
    return SITES if age < SITES_DAYS else ""
