"""How a year of payouts went: accounts checked, each Tuesday what was due, one that came back, some under way."""

from datetime import timedelta
from functools import partial
from random import Random

from marketplace.accounts.models import Officer, User
from marketplace.installation.demo.businesses import KNOWN_OWNERS
from marketplace.installation.demo.people import OPERATOR
from marketplace.installation.demo.timeline import Timeline
from marketplace.payouts import services
from marketplace.payouts.balances import current_account
from marketplace.payouts.models import Payout
from marketplace.payouts.selectors import due_rows
from umkm.vendors.models import Vendor

BANKS = ("Bank Jatim", "BRI", "BCA", "Mandiri", "BNI", "BSI")
# Never named an account, so that the list of operators shows what that looks like.
WITHOUT_ACCOUNT = 7
PAYOUT_DAY = 1
RETURNED_WEEKS_AGO = 3


class Payouts:
    """Works through every payout day: an operator prepares, an officer of the shop's region approves."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        # Its own, so that the sales of the demo stay what they are.
        self.random = Random(1945)  # noqa: S311 - the same demo every time, nothing secret

    def schedule(self) -> None:
        """Plan the payout days of the year, the last of them left half done."""
        days = [day for day in range(320, 0, -1) if (self.timeline.now - timedelta(days=day)).weekday() == PAYOUT_DAY]
        for day in days[:-1]:
            moment = self.timeline.days_ago(day)
            comes_back = day == days[-1 - RETURNED_WEEKS_AGO]
            self.timeline.at(moment, partial(self._pay_out, comes_back=comes_back))
        self.timeline.at(self.timeline.days_ago(days[-1]), self._leave_under_way)

    def _pay_out(self, *, comes_back: bool) -> None:
        operator = User.objects.get(email=OPERATOR.email)
        for row in due_rows(vendors=Vendor.objects.filter(status=Vendor.Status.ACTIVE)):
            if row.account is None and row.vendor.pk % WITHOUT_ACCOUNT:
                self._name_account(row.vendor, operator)
            if row.is_due:
                payout = self._prepare(row.vendor, operator)
                self._send(payout, operator)
                if comes_back and row.vendor.slug in KNOWN_OWNERS:
                    comes_back = False
                    self._come_back(payout, operator)
                else:
                    self._confirm(payout, operator)

    def _leave_under_way(self) -> None:
        """Of the last payouts some are drafts, some approved, some at the bank; an account waits for its check."""
        operator = User.objects.get(email=OPERATOR.email)
        rows = due_rows(vendors=Vendor.objects.filter(status=Vendor.Status.ACTIVE))
        without = [row.vendor for row in rows if row.account is None]
        for vendor in without[:2]:
            self._name_account(vendor, None)
        due = sorted((row.vendor for row in rows if row.is_due), key=lambda vendor: vendor.slug not in KNOWN_OWNERS)
        for position, vendor in enumerate(due):
            # Every fifth is left for whoever tries it out.
            if position % 5 == 4:
                continue
            payout = services.prepare_payout(vendor_id=vendor.pk, actor=operator)
            if position % 5 in (0, 1, 3):
                services.approve_payout(payout_id=payout.pk, actor=_officer_of(vendor))
            if position % 5 in (0, 3):
                self._send(payout, operator)
            if position % 5 == 3:
                self._confirm(payout, operator)

    def _name_account(self, vendor: Vendor, operator: User | None) -> None:
        owner = vendor.members.select_related("user").get(role="owner").user
        account = services.save_account(
            vendor_id=vendor.pk,
            actor=owner,
            bank=self.random.choice(BANKS),
            number="".join(self.random.choices("0123456789", k=10)),
            holder=owner.name,
        )
        if operator is not None:
            services.check_account(account_id=account.pk, actor=operator, is_right=True)

    def _prepare(self, vendor: Vendor, operator: User) -> Payout:
        payout = services.prepare_payout(vendor_id=vendor.pk, actor=operator)
        services.approve_payout(payout_id=payout.pk, actor=_officer_of(vendor))
        return payout

    def _send(self, payout: Payout, operator: User) -> None:
        services.note_export(payout_ids=[payout.pk], actor=operator)
        services.mark_sent(payout_id=payout.pk, actor=operator)

    def _confirm(self, payout: Payout, operator: User) -> None:
        services.mark_paid(payout_id=payout.pk, actor=operator, reference=f"FT{payout.number[3:].replace('-', '')}")

    def _come_back(self, payout: Payout, operator: User) -> None:
        services.mark_returned(payout_id=payout.pk, actor=operator, reason="Nama pemilik rekening tidak sesuai")
        account = current_account(vendor_id=payout.vendor_id)
        if account is not None:
            services.check_account(account_id=account.pk, actor=operator, is_right=True, note="Sudah dicocokkan")


def _officer_of(vendor: Vendor) -> User:
    return Officer.objects.select_related("user").filter(agency=vendor.agency, is_active=True).order_by("pk")[0].user
