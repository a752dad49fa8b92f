"""Double-entry bookkeeping: every movement of money as an entry whose postings add up to zero.

The ledger knows accounts and amounts, not why. A positive amount is a debit (money or a claim we have, a cost), a
negative one a credit (what we owe, what we earned). Entries are never changed: a mistake is corrected by a reversal.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from umkm.vendors.models import Vendor


class Account(models.TextChoices):
    GATEWAY_CLEARING = "gateway_clearing", _("held by the payment provider")
    BUYER_SUSPENSE = "buyer_suspense", _("buyers' money without a delivery")
    VENDOR_PAYABLE = "vendor_payable", _("owed to a business")
    COMMISSION = "commission", _("commission earned")
    SHIPPING = "shipping", _("shipping")
    GATEWAY_FEE = "gateway_fee", _("the payment provider's fee")
    REFUND_IN_TRANSIT = "refund_in_transit", _("refunds on their way")
    # Sent back at the provider itself, until an operator says whose sale it was.
    REFUND_UNASSIGNED = "refund_unassigned", _("refunded at the provider, not put down to a business yet")
    DISPUTE = "dispute", _("disputed payments")
    PAYOUT_IN_TRANSIT = "payout_in_transit", _("payouts on their way")
    TAX_WITHHELD = "tax_withheld", _("tax withheld")
    # Our own bank account: what the provider paid out to us, and what we paid out from it.
    BANK = "bank", _("on the site's bank account")
    # What buyers paid straight to a business, until it is set off against what the business is owed.
    PAID_TO_VENDOR = "paid_to_vendor", _("paid to a business directly")
    PROMOTION = "promotion", _("vouchers that the site bears")


class JournalEntry(models.Model):
    """One movement. The same fact (kind and reference) can be booked once."""

    kind = models.CharField(_("kind"), max_length=40)
    reference = models.CharField(_("reference"), max_length=120)
    # The entry that this one takes back.
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("takes back")
    )
    occurred_at = models.DateTimeField(_("happened"), db_index=True)
    created_at = models.DateTimeField(_("booked"), auto_now_add=True)

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        ordering = ["-occurred_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "reference"], name="entry_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Posting(models.Model):
    """One side of an entry, in whole rupiah."""

    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="postings", verbose_name=_("journal entry"))
    account = models.CharField(_("account"), max_length=24, choices=Account)
    vendor = models.ForeignKey(
        Vendor, models.PROTECT, null=True, blank=True, related_name="postings", verbose_name=_("business")
    )
    amount = models.BigIntegerField(_("amount"))
    # Which part of an order it is about (the number of an orders.SubOrder). Plain: the ledger knows no orders.
    order_part = models.BigIntegerField(_("order part"), null=True, blank=True)

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="posting_not_zero"),
            models.CheckConstraint(
                condition=~Q(account=Account.VENDOR_PAYABLE) | Q(vendor__isnull=False),
                name="posting_payable_to_somebody",
            ),
            models.CheckConstraint(condition=Q(account__in=Account.values), name="posting_known_account"),
        ]
        indexes = [
            models.Index(fields=["account", "vendor"], name="posting_balance"),
            models.Index(fields=["order_part"], name="posting_order_part"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount:+d}"
