"""How a year of orders went: placed from baskets, paid or collected, packed, sent, received; some given up."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from marketplace.accounts.models import User
from marketplace.carts.models import Cart
from marketplace.carts.selectors import cart_contents
from marketplace.carts.services import add_to_cart
from marketplace.catalogue.models import ProductListing, Variant
from marketplace.checkout.destinations import destination
from marketplace.checkout.drafts import Address, Contact
from marketplace.checkout.plans import Plan, make_plan
from marketplace.checkout.services import place_order
from marketplace.core.exceptions import DomainError
from marketplace.installation.demo.aftersale import AfterSale
from marketplace.installation.demo.businesses import KNOWN_OWNERS
from marketplace.installation.demo.people import VISITOR, demo_person
from marketplace.installation.demo.timeline import Timeline
from marketplace.installation.demo.transfers import Transfers
from marketplace.installation.demo.vouchers import code_for
from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.orders.services import advance_suborder, cancel, complete_received, expire
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.providers.base import Snapshot, State
from marketplace.payments.services import settle

ORDERS = 240
RECENT_ORDERS = 24
# Shops that sold nothing lately: the officers' list of those who may need help is not empty.
QUIET_SHOPS = ("arsip-kota-kecil", "tabuh-kasin", "lembar-kedua", "piksel-rembulan", "serut-pandanwangi")
QUIET_DAYS = 110
BUYERS = (
    (VISITOR.email, VISITOR.name, "35.73.05.1009", "Jl. Bunga Kumis Kucing 12"),
    ("adit@lapak.test", "Aditya Nugraha", "35.78.08", "Jl. Rungkut Asri 8"),
    ("maria@lapak.test", "Maria Goretti", "31.74.04", "Jl. Ampera Raya 44"),
    ("tono@lapak.test", "Hartono Wijaya", "35.07.24.1015", "Perum Singosari Indah B-3"),
    ("", "Lusi Amelia", "35.73.02.1001", "Jl. Semeru 21"),
    ("", "James Carter", "35.79.01.1001", "Jl. Panglima Sudirman 5"),
    ("", "Nur Kholifah", "35.15.12", "Jl. Pahlawan 70"),
    ("", "Teguh Arianto", "34.04.07", "Jl. Kaliurang km 7"),
)
COURIERS = ("JNE", "J&T", "SiCepat", "Pos Indonesia")
Status = SubOrder.Status


class Sales:
    """Places orders over the year, more of them towards today, and carries each as far as its age allows."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.random = timeline.random
        self.count = 0
        self.transfers = Transfers(timeline)

    def schedule(self) -> None:
        """Plan the year's orders; the youngest are from this morning."""
        self.transfers.schedule()
        for number in range(ORDERS):
            days = 320 * (1 - (number / ORDERS) ** 0.55)
            moment = self.timeline.days_ago(days)
            self.timeline.at(moment, partial(self._buy, number, moment))
        for number in range(RECENT_ORDERS):
            moment = self.timeline.now - timedelta(hours=0.3 + 40 * (number / RECENT_ORDERS) ** 2)
            self.timeline.at(moment, partial(self._buy, ORDERS + number, moment))
        for day in range(2, 320, 3):
            self.timeline.at(self.timeline.days_ago(day), complete_received)
        AfterSale(self.timeline).schedule()

    def _buy(self, number: int, moment: datetime) -> None:
        # Of today's orders many are for the shops whose logins are printed: their owners have something to do.
        cart = self._fill_basket(moment, favourites=KNOWN_OWNERS if number >= ORDERS and number % 3 else ())
        if cart is None:
            return
        email, name, region, street = self.random.choice(BUYERS)
        buyer = demo_person(email=email, name=name) if email else None
        place = destination(region)
        first = make_plan(contents=cart_contents(cart), region=place, deliveries={})
        deliveries = {
            part.group.vendor.pk: self.random.choice([quote.key for quote in part.quotes if quote.is_available])
            for part in first.parts
        }
        code = code_for(number, (part.group.vendor.slug for part in first.parts), moment, self.timeline.now)
        plan = make_plan(
            contents=first.contents, region=place, deliveries=deliveries, rates=first.rates, voucher_code=code
        )
        order = place_order(
            cart_id=cart.pk,
            buyer=buyer,
            contact=Contact(name=name, email=email or f"tamu{number}@lapak.test", phone="+6281230000000"),
            address=Address(region_code=region, street=street, postal_code="65141"),
            deliveries=deliveries,
            payment_method=self._way_to_pay(plan),
            checkout_key=f"demo-{number}",
            language="en" if name == "James Carter" else "id",
            voucher_code=code if plan.voucher else "",
        )
        self._follow(order, number, moment)

    def _fill_basket(self, moment: datetime, *, favourites: Iterable[str] = ()) -> Cart | None:
        listings = list(
            ProductListing.objects.visible_listings().filter(stock_left__gt=3).values_list("product_id", "vendor_slug")
        )
        if (self.timeline.now - moment).days < QUIET_DAYS:
            listings = [row for row in listings if row[1] not in QUIET_SHOPS]
        if not listings:
            return None
        cart = None
        chosen = self.random.sample(listings, k=min(len(listings), self.random.choice((1, 1, 2, 2, 3))))
        of_favourites = [row for row in listings if row[1] in favourites]
        if of_favourites:
            chosen[0] = self.random.choice(of_favourites)
        for product_id, _slug in dict.fromkeys(chosen):
            variant = Variant.objects.filter(product_id=product_id, is_active=True, stock__on_hand__gt=3).first()
            if variant is not None:
                cart = add_to_cart(
                    cart=cart, user=None, variant_id=variant.pk, quantity=self.random.choice((1, 1, 1, 2, 3))
                ).cart
        return cart

    def _way_to_pay(self, plan: Plan) -> str:
        possible = [option.method for option in plan.payments if not option.reason]
        cash = [method for method in possible if method != PaymentMethod.STRIPE]
        return self.random.choice(cash) if cash and self.random.random() < 0.7 else PaymentMethod.STRIPE

    def _follow(self, order: Order, number: int, moment: datetime) -> None:
        if number % 17 == 11 and order.payment_method == PaymentMethod.STRIPE:
            self.timeline.at(self.timeline.after(moment, hours=2), partial(self._give_up, order.pk))
            return
        if number % 23 == 7:
            self.timeline.at(self.timeline.after(moment, hours=1), partial(self._cancel, order.pk))
            return
        if order.payment_method == PaymentMethod.MANUAL_TRANSFER:
            self.transfers.follow(order, number, moment, self._fulfil)
            return
        if order.payment_method == PaymentMethod.STRIPE:
            # The very last orders of today stay unpaid for a while.
            if (self.timeline.now - moment).total_seconds() < 5400:
                return
            self._pay(order)
        for part in order.suborders.all():
            self._fulfil(part, moment)

    def _pay(self, order: Order) -> None:
        attempt = PaymentAttempt.objects.get(order=order)
        settle(attempt_id=attempt.pk, snapshot=self._snapshot(attempt, State.PAID))

    def _give_up(self, order_id: int) -> None:
        attempt = PaymentAttempt.objects.get(order_id=order_id)
        settle(attempt_id=attempt.pk, snapshot=self._snapshot(attempt, State.EXPIRED))
        expire(order_id=order_id)

    def _cancel(self, order_id: int) -> None:
        try:
            cancel(order_id=order_id, reason="Pembeli salah pilih ukuran.")
        except DomainError:
            # Cash orders are confirmed at once; each shop cancels its own part.
            for part in SubOrder.objects.filter(order_id=order_id):
                advance_suborder(suborder_id=part.pk, to=Status.CANCELLED, actor=None, note="Pembeli membatalkan.")

    def _snapshot(self, attempt: PaymentAttempt, state: State) -> Snapshot:
        paid = state == State.PAID
        return Snapshot(
            session_id=f"cs_test_demo{attempt.pk:08d}",
            state=state,
            amount=attempt.amount,
            currency="idr",
            reference=attempt.idempotency_key,
            payment_id=f"pi_demo{attempt.pk:08d}" if paid else "",
            fee=round(attempt.amount * 0.029) if paid else None,
            paid_at=timezone.now() if paid else None,
        )

    def _fulfil(self, part: SubOrder, moment: datetime) -> None:
        seller = part.vendor.members.select_related("user").get(role="owner").user
        packed = self.timeline.after(moment, hours=9)
        self.timeline.at(packed, partial(self._step, part.pk, Status.PACKED, seller))
        sent = self.timeline.after(packed, hours=6)
        if part.delivery == SubOrder.Delivery.PICKUP:
            self.timeline.at(sent, partial(self._step, part.pk, Status.READY_FOR_PICKUP, seller))
        else:
            courier = self.random.choice(COURIERS) if part.delivery == SubOrder.Delivery.SHIPPING else ""
            tracking = f"{courier[:2].upper()}{part.pk:010d}" if courier else ""
            self.timeline.at(
                sent,
                partial(self._step, part.pk, Status.SHIPPED, seller, courier=courier, tracking_number=tracking),
            )
        received = self.timeline.after(sent, hours=40)
        self.timeline.at(received, partial(self._step, part.pk, Status.DELIVERED, None))

    def _step(self, part_id: int, to: str, actor: User | None, **details: Any) -> None:
        advance_suborder(suborder_id=part_id, to=to, actor=actor, **details)
