"""What the site keeps of a sale: the dated rules, read once, asked for each part."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import timezone

from marketplace.payouts.models import CommissionRule


@dataclass(frozen=True)
class Commission:
    """What is frozen on a part at the sale. `rate`: basis points, of the goods on average where categories differ."""

    rate: int
    amount: int
    site_sends: bool


class CommissionRules:
    """The rules in force on a day; one query for all of a checkout."""

    def __init__(self, *, on: date | None = None) -> None:
        rules = CommissionRule.objects.filter(valid_from__lte=on or timezone.localdate()).order_by("valid_from")
        self.for_all: CommissionRule | None = None
        self.of_vendor: dict[int, CommissionRule] = {}
        self.of_category: dict[str, CommissionRule] = {}
        for rule in rules.select_related("category"):
            # In the order of their days, so the newest stays.
            if rule.vendor_id is not None:
                self.of_vendor[rule.vendor_id] = rule
            elif rule.category is not None:
                self.of_category[rule.category.path] = rule
            else:
                self.for_all = rule

    @property
    def asks_for_categories(self) -> bool:
        """Whether the categories of the goods matter at all."""
        return bool(self.of_category)

    def commission(self, *, vendor_id: int, goods: Iterable[tuple[int, str]]) -> Commission:
        """What the site keeps of one part.

        Arguments:
            goods: for each line its sum in rupiah and the path of its category (may be empty while no rule is for a
                category). On the goods only: what a courier is paid passes through the sender's hands.
        """
        general = self.of_vendor.get(vendor_id) or self.for_all
        lines = list(goods)
        total = sum(amount for amount, _path in lines)
        share = sum(amount * self._rate(vendor_id, path) for amount, path in lines)
        fee = general.fixed_fee if general and total else 0
        return Commission(
            rate=share // total if total else 0,
            amount=min(share // 10_000 + fee, total),
            site_sends=bool(self.for_all and self.for_all.site_sends),
        )

    def _rate(self, vendor_id: int, path: str) -> int:
        if vendor_id in self.of_vendor:
            return self.of_vendor[vendor_id].basis_points
        steps = path.split("/")
        for length in range(len(steps), 0, -1):
            rule = self.of_category.get("/".join(steps[:length]))
            if rule is not None:
                return rule.basis_points
        if self.for_all is not None:
            return self.for_all.basis_points
        return int(settings.COMMISSION_BASIS_POINTS)
