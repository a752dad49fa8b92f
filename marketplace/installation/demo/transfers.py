"""How transfers and QRIS went: shops that take them, buyers who show their proof, answers, refusals, silent shops."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from marketplace.accounts.models import OPERATORS, User
from marketplace.accounts.selectors import people_in
from marketplace.core.money import format_rupiah
from marketplace.installation.demo.businesses import KNOWN_OWNERS
from marketplace.installation.demo.codes import static_code
from marketplace.installation.demo.papers import specimen
from marketplace.installation.demo.timeline import Timeline
from marketplace.orders.models import Order, SubOrder
from marketplace.transfers import clock
from marketplace.transfers.models import TransferRequest
from marketplace.transfers.services import confirm_transfer, refuse_proof, save_account, send_proof
from umkm.vendors.models import Vendor

# Since then some shops take transfers; each third of those that were open, and the ones whose logins are printed.
SINCE_DAYS = 160
EVERY = 3
BANKS = ("Bank Contoh Jatim", "Bank Contoh Nusantara")
Fulfil = Callable[[SubOrder, datetime], None]


class Transfers:
    """Gives shops their accounts and carries each transfer as far as its age allows."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.has_silent_shop = False

    def schedule(self) -> None:
        """From a certain day on shops take transfers."""
        self.timeline.at(self.timeline.days_ago(SINCE_DAYS), self._open_accounts)

    def _open_accounts(self) -> None:
        open_shops = list(Vendor.objects.filter(status=Vendor.Status.ACTIVE).order_by("pk"))
        for number, vendor in enumerate(open_shops):
            if number % EVERY and vendor.slug not in KNOWN_OWNERS:
                continue
            has_code = number % 2 == 0 or vendor.slug in KNOWN_OWNERS
            save_account(
                vendor=vendor,
                actor=_owner(vendor),
                bank_name=BANKS[number % len(BANKS)],
                account_number=f"99{vendor.pk:08d}",
                account_holder=_owner(vendor).name,
                qris_payload=static_code(name=vendor.name, city="MALANG", number=vendor.pk) if has_code else "",
                is_offered=True,
            )

    def follow(self, order: Order, number: int, moment: datetime, fulfil: Fulfil) -> None:
        """What became of each shop's transfer of an order."""
        for transfer in TransferRequest.objects.filter(suborder__order=order).order_by("pk"):
            if number % 11 == 5:
                # Never paid: the part ends by itself.
                self.timeline.at(self.timeline.after(moment, hours=32), clock.keep_terms)
                continue
            shown = self.timeline.after(moment, hours=2)
            self.timeline.at(shown, partial(self._show, transfer.pk))
            if self._is_left_waiting(moment) or number % 13 == 4:
                self._let_operators_decide(transfer, shown, fulfil)
                continue
            answered = self.timeline.after(shown, hours=4)
            if number % 7 == 3:
                self.timeline.at(answered, partial(self._refuse, transfer.pk))
                shown = self.timeline.after(answered, hours=3)
                self.timeline.at(shown, partial(self._show, transfer.pk))
                answered = self.timeline.after(shown, hours=4)
            self.timeline.at(answered, partial(self._confirm, transfer.pk))
            fulfil(transfer.suborder, answered)

    def _is_left_waiting(self, moment: datetime) -> bool:
        """Whether this is the one recent order whose shop has not answered until today."""
        is_it = not self.has_silent_shop and 4 <= (self.timeline.now - moment).days <= 12
        self.has_silent_shop = self.has_silent_shop or is_it
        return is_it

    def _let_operators_decide(self, transfer: TransferRequest, shown: datetime, fulfil: Fulfil) -> None:
        late = self.timeline.after(shown, hours=40)
        self.timeline.at(late, clock.keep_terms)
        decided = self.timeline.after(late, hours=24 * 14)
        self.timeline.at(decided, partial(self._decide, transfer.pk))
        fulfil(transfer.suborder, decided)

    def _show(self, pk: int) -> None:
        transfer = _load(pk)
        order = transfer.suborder.order
        lines = [
            f"Ke: {transfer.suborder.vendor.name}",
            f"Jumlah: {format_rupiah(transfer.amount)}",
            f"Dari: {order.recipient_name}",
            f"Berita: {order.number}",
        ]
        send_proof(
            request_id=pk, file=specimen(title="Transfer berhasil", lines=lines), sender_name=order.recipient_name
        )

    def _refuse(self, pk: int) -> None:
        refuse_proof(
            request_id=pk, actor=_owner(_load(pk).suborder.vendor), reason="Belum masuk. Coba cek nomor rekeningnya."
        )

    def _confirm(self, pk: int) -> None:
        confirm_transfer(request_id=pk, actor=_owner(_load(pk).suborder.vendor))

    def _decide(self, pk: int) -> None:
        confirm_transfer(request_id=pk, actor=people_in(OPERATORS)[0])


def _load(pk: int) -> TransferRequest:
    return TransferRequest.objects.select_related("suborder__order", "suborder__vendor").get(pk=pk)


def _owner(vendor: Vendor) -> User:
    return vendor.members.select_related("user").get(role="owner").user
