"""What owners and operators fill in about payouts."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.reference.models import Category
from umkm.vendors.models import Vendor


class BankAccountForm(forms.Form):
    """A bank account, as it stands on the owner's bank book."""

    bank = forms.CharField(label=_("Bank"), max_length=60, help_text=_("For example BCA, BRI, Bank Jatim."))
    number = forms.CharField(
        label=_("Account number"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    holder = forms.CharField(
        label=_("Account holder"),
        max_length=100,
        help_text=_("Exactly as the bank writes it. It must be the owner's or the business's account."),
    )


class StripeAccountForm(forms.Form):
    """A shop's own account at Stripe."""

    vendor = forms.ModelChoiceField(label=_("Business"), queryset=Vendor.objects.none())
    account_id = forms.CharField(label=_("Account at Stripe"), max_length=60, help_text="acct_…")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vendor"].queryset = Vendor.objects.order_by("name")  # type: ignore[attr-defined]


class CommissionRuleForm(forms.Form):
    """A commission from a day on."""

    valid_from = forms.DateField(
        label=_("From"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Tomorrow at the earliest."),
        error_messages={"required": _("Choose the first day of this commission.")},
    )
    percent = forms.DecimalField(
        label=_("Percent of the goods"),
        min_value=0,
        max_value=50,
        decimal_places=2,
        help_text=_("0 is nothing."),
        error_messages={"required": _("Write the percentage, 0 to 50.")},
    )
    fixed_fee = forms.IntegerField(
        label=_("Fee for each shop of an order, in rupiah"), min_value=0, initial=0, required=False
    )
    vendor = forms.ModelChoiceField(
        label=_("Only for one business"), queryset=Vendor.objects.none(), required=False, empty_label=_("All")
    )
    category = forms.ModelChoiceField(
        label=_("Only for one category"), queryset=Category.objects.none(), required=False, empty_label=_("All")
    )
    site_sends = forms.BooleanField(
        label=_("The site pays the couriers"),
        required=False,
        help_text=_("Then the delivery that buyers pay for courier parcels is the site's. Else it is the shop's."),
    )
    note = forms.CharField(label=_("Reason"), max_length=255, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vendor"].queryset = Vendor.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["category"].queryset = Category.objects.order_by("path")  # type: ignore[attr-defined]

    @property
    def basis_points(self) -> int:
        """The percent in hundredths."""
        return int(self.cleaned_data["percent"] * 100)


class MonthForm(forms.Form):
    """A month, as browsers give it."""

    month = forms.DateField(label=_("Month"), input_formats=["%Y-%m"], widget=forms.DateInput(attrs={"type": "month"}))

    @classmethod
    def current(cls) -> str:
        """This month, as the field takes it."""
        return f"{timezone.localdate():%Y-%m}"
