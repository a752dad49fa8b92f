"""The one form of a voucher, for a shop's owner and for the site's operators."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.catalogue.models import Product
from marketplace.promotions.models import CODE_MOST, Voucher
from marketplace.promotions.selectors import clean_code
from marketplace.promotions.services import VoucherDraft
from marketplace.reference.models import Category
from umkm.vendors.models import Vendor

MOST_RUPIAH = 1_000_000_000


def _day(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


def code_field(*, required: bool = False) -> forms.CharField:
    """The field into which a buyer types a code, in the basket and at the checkout."""
    return forms.CharField(
        label=_("Voucher code"),
        max_length=40,
        required=required,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class VoucherForm(forms.Form):
    """What a voucher is worth, for what, how long and how often.

    Arguments:
        vendor: whose it is: a shop chooses among its products, the site (None) among categories.
    """

    use_required_attribute = False

    code = forms.CharField(
        label=_("Code"),
        max_length=CODE_MOST,
        help_text=_("What buyers type: 4 to 20 letters and digits, easy to say. For example KOPI10."),
        error_messages={"required": _("Think of a code.")},
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(
        label=_("What it takes off"),
        choices=[(Voucher.Kind.PERCENT, _("A percentage")), (Voucher.Kind.FIXED, _("An amount"))],
        initial=Voucher.Kind.PERCENT,
        widget=forms.RadioSelect,
    )
    percent = forms.IntegerField(label=_("Percent"), min_value=1, max_value=100, required=False)
    amount = forms.IntegerField(
        label=_("Amount"),
        min_value=1,
        max_value=MOST_RUPIAH,
        required=False,
        help_text=_("With a percentage: the most that it takes off. Empty: as much as the percentage says."),
    )
    min_basket = forms.IntegerField(
        label=_("For goods of at least"), min_value=0, max_value=MOST_RUPIAH, required=False
    )
    valid_from = _day(label=_("First day"), required=False, help_text=_("Empty: from today."))
    valid_until = _day(label=_("Last day"), required=False, help_text=_("Empty: until it is stopped."))
    limit_total = forms.IntegerField(
        label=_("How often in all"), min_value=1, max_value=1_000_000, required=False, help_text=_("Empty: no limit.")
    )
    limit_per_buyer = forms.IntegerField(
        label=_("How often per buyer"), min_value=1, max_value=1_000, required=False, help_text=_("Empty: no limit.")
    )
    products = forms.ModelMultipleChoiceField(
        label=_("Only for these products"),
        queryset=Product.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: for everything that you sell."),
    )
    categories = forms.ModelMultipleChoiceField(
        label=_("Only for these categories"),
        queryset=Category.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: for everything."),
    )

    def __init__(self, *args: Any, vendor: Vendor | None, voucher: Voucher | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _initial(voucher) if voucher else {"limit_per_buyer": 1})
        super().__init__(*args, **kwargs)
        for name in ("percent", "amount"):
            self.fields[name].is_conditional = True  # type: ignore[attr-defined]  # read by marketplace.core.form_fields
        if vendor is None:
            del self.fields["products"]
            categories = Category.objects.filter(is_active=True, depth=1)
            self.fields["categories"].queryset = categories  # type: ignore[attr-defined]
        else:
            del self.fields["categories"]
            products = Product.objects.filter(vendor=vendor, live=True).order_by("name")
            self.fields["products"].queryset = products  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        """The code as it is kept: capitals and digits."""
        code = clean_code(self.cleaned_data["code"])
        if not (len(code) >= 4 and code.isascii() and code.isalnum()):
            raise forms.ValidationError(_("4 to 20 letters and digits, nothing else."), code="bad_code")
        return code

    def clean(self) -> dict[str, Any]:
        """Each kind needs its number."""
        data = super().clean() or {}
        if data.get("kind") == Voucher.Kind.PERCENT and not data.get("percent") and "percent" not in self.errors:
            self.add_error("percent", _("How much? Write a number from 1 to 100."))
        if data.get("kind") == Voucher.Kind.FIXED and not data.get("amount") and "amount" not in self.errors:
            self.add_error("amount", _("How much? Write an amount in rupiah."))
        return data

    def draft(self) -> VoucherDraft:
        """What was written, for the service. The last day counts whole."""
        data = self.cleaned_data
        last = data["valid_until"]
        return VoucherDraft(
            code=data["code"],
            kind=data["kind"],
            percent=data["percent"],
            amount=data["amount"],
            min_basket=data["min_basket"] or 0,
            valid_from=_midnight(data["valid_from"] or timezone.localdate()),
            valid_until=_midnight(last + datetime.timedelta(days=1)) if last else None,
            limit_total=data["limit_total"],
            limit_per_buyer=data["limit_per_buyer"],
            categories=data.get("categories", ()),
            products=data.get("products", ()),
        )


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _initial(voucher: Voucher) -> dict[str, Any]:
    last = voucher.valid_until - datetime.timedelta(seconds=1) if voucher.valid_until else None
    names = ("code", "kind", "percent", "amount", "min_basket", "limit_total", "limit_per_buyer")
    return {name: getattr(voucher, name) for name in names} | {
        "valid_from": timezone.localtime(voucher.valid_from).date(),
        "valid_until": timezone.localtime(last).date() if last else None,
        "products": list(voucher.products.values_list("pk", flat=True)),
        "categories": list(voucher.categories.values_list("pk", flat=True)),
    }
