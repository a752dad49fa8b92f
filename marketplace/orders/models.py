"""What a buyer placed: one Order, one SubOrder per vendor, lines that remember what was bought at which price.

Amounts are whole rupiah. Transitions follow docs/payments.md; only services change a status.
"""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedCharField

from marketplace.catalogue.models import Product, Variant
from marketplace.core.transitions import StateMachine
from marketplace.reference.models import Region
from umkm.vendors.models import Vendor


def new_token() -> str:
    """The unguessable part of an order's address, for buyers without an account."""
    return secrets.token_urlsafe(24)


def stock_reference(line_id: int) -> str:
    """What inventory knows an order line by."""
    return f"order-line:{line_id}"


class PaymentMethod(models.TextChoices):
    STRIPE = "stripe", _("card or online payment")
    COD = "cod", _("cash on delivery")
    PICKUP = "pickup", _("pay at the shop")
    MANUAL_TRANSFER = "manual_transfer", _("transfer or QRIS to the shop")


class Order(models.Model):
    """A purchase over one or several vendors, paid once."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting for payment")
        PAID = "paid", _("paid")
        EXPIRED = "expired", _("expired")
        CANCELLED = "cancelled", _("cancelled")
        PAID_LATE = "paid_late", _("paid late")
        REFUNDING = "refunding", _("being refunded")
        PART_REFUNDED = "part_refunded", _("partly refunded")
        REFUNDED = "refunded", _("refunded")

    MACHINE = StateMachine(
        "order",
        {
            Status.PENDING: (Status.PAID, Status.EXPIRED, Status.CANCELLED),
            Status.EXPIRED: (Status.PAID_LATE,),
            Status.CANCELLED: (Status.PAID_LATE,),
            Status.PAID_LATE: (Status.PAID, Status.REFUNDING),
            Status.REFUNDING: (Status.REFUNDED,),
            Status.PAID: (Status.PART_REFUNDED, Status.REFUNDED),
            Status.PART_REFUNDED: (Status.REFUNDED,),
            Status.REFUNDED: (),
        },
    )

    number = models.CharField(_("order number"), max_length=20, unique=True)
    token = models.CharField(_("access token"), max_length=40, default=new_token)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="orders", verbose_name=_("buyer")
    )
    # A form that is sent twice places one order: the key comes with the form.
    checkout_key = models.CharField(_("checkout key"), max_length=40, unique=True)
    language = models.CharField(_("language"), max_length=5, default="id")
    status = models.CharField(_("status"), max_length=15, choices=Status, default=Status.PENDING, db_index=True)
    payment_method = models.CharField(_("payment method"), max_length=16, choices=PaymentMethod)

    email = models.EmailField(_("email address"))
    recipient_name = models.CharField(_("recipient"), max_length=150)
    phone = EncryptedCharField(_("phone"), max_length=20, null=True, blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("region")
    )
    region_name = models.CharField(_("region as it was"), max_length=255, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=5, blank=True)
    note = models.CharField(_("note to the shops"), max_length=255, blank=True)

    items_total = models.BigIntegerField(_("items"))
    shipping_total = models.BigIntegerField(_("shipping"), default=0)
    discount_total = models.BigIntegerField(_("discount"), default=0)
    total = models.BigIntegerField(_("total"))
    voucher_code = models.CharField(_("voucher"), max_length=20, blank=True)

    needs_review = models.BooleanField(_("needs an operator"), default=False, db_index=True)
    review_reason = models.CharField(_("why"), max_length=255, blank=True)
    placed_at = models.DateTimeField(_("placed"), default=timezone.now, db_index=True)
    expires_at = models.DateTimeField(_("to be paid before"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(items_total__gte=0, shipping_total__gte=0, discount_total__gte=0, total__gte=0),
                name="order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(total=F("items_total") + F("shipping_total") - F("discount_total")),
                name="order_total_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("orders:detail", kwargs={"number": self.number, "token": self.token})


class SubOrderQuerySet(models.QuerySet["SubOrder"]):
    def to_fulfil(self) -> "SubOrderQuerySet":
        """Parts that a vendor has something to do for."""
        return self.filter(status__in=SubOrder.OPEN_STATUSES)

    def sold(self) -> "SubOrderQuerySet":
        """Parts that count as sales: confirmed or further, not cancelled and not returned."""
        return self.filter(status__in=SubOrder.SOLD_STATUSES)


class SubOrder(models.Model):
    """One vendor's part of an order. The vendor sees this and nothing else of it."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting for payment")
        CONFIRMED = "confirmed", _("to be packed")
        PACKED = "packed", _("packed")
        SHIPPED = "shipped", _("on its way")
        READY_FOR_PICKUP = "ready_for_pickup", _("ready for pickup")
        DELIVERED = "delivered", _("received")
        COMPLETED = "completed", _("completed")
        CANCELLED = "cancelled", _("cancelled")
        RETURNED = "returned", _("returned")

    MACHINE = StateMachine(
        "suborder",
        {
            Status.PENDING: (Status.CONFIRMED, Status.CANCELLED),
            Status.CONFIRMED: (Status.PACKED, Status.CANCELLED),
            Status.PACKED: (Status.SHIPPED, Status.READY_FOR_PICKUP, Status.CANCELLED),
            # Straight to returned when the courier lost it or brought it back: it never was at the buyer's.
            Status.SHIPPED: (Status.DELIVERED, Status.RETURNED),
            Status.READY_FOR_PICKUP: (Status.DELIVERED, Status.CANCELLED),
            Status.DELIVERED: (Status.COMPLETED, Status.RETURNED),
            # A request that was made in time may be decided after the part was completed.
            Status.COMPLETED: (Status.RETURNED,),
            # Only when the money arrives after the order had expired and the stock could be promised anew.
            Status.CANCELLED: (Status.CONFIRMED,),
            Status.RETURNED: (),
        },
    )
    OPEN_STATUSES = (Status.CONFIRMED, Status.PACKED, Status.SHIPPED, Status.READY_FOR_PICKUP)
    SOLD_STATUSES = (*OPEN_STATUSES, Status.DELIVERED, Status.COMPLETED)

    class Delivery(models.TextChoices):
        SHIPPING = "shipping", _("courier")
        OWN_DELIVERY = "own_delivery", _("delivered by the shop")
        PICKUP = "pickup", _("pickup")
        DIGITAL = "digital", _("nothing to ship")

    order = models.ForeignKey(Order, models.PROTECT, related_name="suborders", verbose_name=_("order"))
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="suborders", verbose_name=_("business"))
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.PENDING, db_index=True)
    delivery = models.CharField(_("delivery"), max_length=14, choices=Delivery)
    # The quote as it was shown at checkout: rate, zone, weight, promise. Frozen.
    shipping_quote = models.JSONField(_("shipping quote"), default=dict, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    courier = models.CharField(_("courier"), max_length=60, blank=True)
    items_total = models.BigIntegerField(_("items"))
    shipping_total = models.BigIntegerField(_("shipping"), default=0)
    discount_total = models.BigIntegerField(_("discount"), default=0)
    # Of the discount, what the site bears: the shop is owed it as if the buyer had paid it.
    site_discount = models.BigIntegerField(_("discount that the site bears"), default=0)
    gross = models.BigIntegerField(_("gross"))
    # Basis points, frozen at the sale: 250 = 2.5 %.
    commission_rate = models.PositiveIntegerField(_("commission (basis points)"), default=0)
    commission = models.BigIntegerField(_("commission"), default=0)
    net = models.BigIntegerField(_("net"))
    # What went back to the buyer so far (goods and delivery together), the delivery in it, and the commission with it.
    refunded_total = models.BigIntegerField(_("refunded"), default=0)
    refunded_shipping = models.BigIntegerField(_("refunded delivery"), default=0)
    refunded_commission = models.BigIntegerField(_("commission given back"), default=0)
    # While anything holds it (PartHold): it is not completed, and its money waits.
    is_contested = models.BooleanField(_("contested"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("received"), null=True, blank=True)

    objects = SubOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order part")
        verbose_name_plural = _("order parts")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "vendor"], name="suborder_once_per_vendor"),
            models.CheckConstraint(
                condition=Q(gross=F("items_total") + F("shipping_total") - F("discount_total")),
                name="suborder_gross_adds_up",
            ),
            models.CheckConstraint(condition=Q(net=F("gross") - F("commission")), name="suborder_net_adds_up"),
            models.CheckConstraint(
                condition=Q(site_discount__gte=0, site_discount__lte=F("discount_total")),
                name="suborder_site_discount_within",
            ),
            models.CheckConstraint(
                condition=Q(items_total__gte=0, shipping_total__gte=0, discount_total__gte=0, commission__gte=0),
                name="suborder_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(refunded_total__gte=0, refunded_total__lte=F("gross"))
                & Q(refunded_shipping__gte=0, refunded_shipping__lte=F("shipping_total"))
                & Q(refunded_commission__gte=0, refunded_commission__lte=F("commission")),
                name="suborder_refunds_within",
            ),
        ]
        indexes = [models.Index(fields=["vendor", "status", "-created_at"], name="suborder_vendor_status")]

    def __str__(self) -> str:
        return f"{self.order} · {self.vendor}"

    @property
    def for_vendor(self) -> int:
        """What the shop is to get: what the buyer pays and what the site adds, less the commission."""
        return self.net + self.site_discount

    @property
    def own_discount(self) -> int:
        """The part of the discount that the shop bears."""
        return self.discount_total - self.site_discount


class OrderLine(models.Model):
    """One thing bought, as it was at the sale."""

    suborder = models.ForeignKey(SubOrder, models.PROTECT, related_name="lines", verbose_name=_("order part"))
    variant = models.ForeignKey(Variant, models.SET_NULL, null=True, blank=True, related_name="+")
    product = models.ForeignKey(Product, models.SET_NULL, null=True, blank=True, related_name="order_lines")
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    variant_label = models.CharField(_("variant"), max_length=120, blank=True)
    picture = models.CharField(_("picture"), max_length=255, blank=True)
    unit_price = models.BigIntegerField(_("unit price"))
    quantity = models.PositiveIntegerField(_("quantity"))
    total = models.BigIntegerField(_("total"))
    # Its share of the part's discount.
    discount_total = models.BigIntegerField(_("discount"), default=0)
    weight_grams = models.PositiveIntegerField(_("weight (grams)"), default=0)
    refunded_quantity = models.PositiveIntegerField(_("refunded"), default=0)
    refunded_amount = models.BigIntegerField(_("refunded amount"), default=0)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0, unit_price__gt=0), name="line_positive"),
            models.CheckConstraint(condition=Q(total=F("unit_price") * F("quantity")), name="line_total_adds_up"),
            models.CheckConstraint(
                condition=Q(refunded_quantity__lte=F("quantity")), name="line_refund_within_quantity"
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("total")), name="line_refund_within_total"
            ),
            models.CheckConstraint(
                condition=Q(discount_total__gte=0, discount_total__lte=F("total")), name="line_discount_within_total"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} × {self.quantity}"

    @property
    def display_name(self) -> str:
        """The name at the sale, in the active language."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name

    @property
    def shown_picture(self) -> str:
        """The picture of then, or of now when there was none yet. Load `product__listing` with the lines."""
        listing = getattr(self.product, "listing", None)
        return self.picture or (listing.picture_240 if listing else "")

    @property
    def stock_reference(self) -> str:
        """What inventory knows this line by."""
        return stock_reference(self.pk)


class SubOrderEvent(models.Model):
    """A step of a part, with when it happened: the timeline that buyer and vendor see."""

    suborder = models.ForeignKey(SubOrder, models.CASCADE, related_name="events", verbose_name=_("order part"))
    status = models.CharField(_("status"), max_length=16, choices=SubOrder.Status)
    note = models.CharField(_("note"), max_length=255, blank=True)
    happened_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("order step")
        verbose_name_plural = _("order steps")
        ordering = ["happened_at", "pk"]

    def __str__(self) -> str:
        return f"{self.suborder}: {self.status}"


class PartHold(models.Model):
    """One reason why a part is contested, e.g. "request:12": it waits until the last one is gone."""

    suborder = models.ForeignKey(SubOrder, models.CASCADE, related_name="holds", verbose_name=_("order part"))
    cause = models.CharField(_("cause"), max_length=60)
    created_at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [models.UniqueConstraint(fields=["suborder", "cause"], name="hold_once_per_cause")]

    def __str__(self) -> str:
        return f"{self.suborder}: {self.cause}"


class OrderNotice(models.Model):
    """That somebody was told something about an order. Unique, so that a repeated message mails nobody twice."""

    key = models.CharField(_("key"), max_length=120, unique=True)
    order = models.ForeignKey(Order, models.CASCADE, related_name="notices", verbose_name=_("order"))
    created_at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("order notice")
        verbose_name_plural = _("order notices")

    def __str__(self) -> str:
        return self.key
