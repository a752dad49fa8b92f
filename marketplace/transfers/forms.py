"""What buyers and shops fill in about transfers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from umkm.registration.files import ACCEPT

PHOTO_ACCEPT = "image/jpeg,image/png,image/webp,image/heic,image/heif"
# The lowest and highest sum for which a shop may still take cash at the door, whole rupiah.
LEAST_COD_LIMIT, MOST_COD_LIMIT = 10_000, 100_000_000


class ProofForm(forms.Form):
    """A picture or PDF of the transfer."""

    file = forms.FileField(
        label=_("Proof of your transfer"),
        help_text=_("A screenshot of your bank's app, a photo of the receipt, or its PDF."),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={"required": _("Choose the photo, screenshot or PDF first.")},
    )
    sender_name = forms.CharField(
        label=_("Name on the account it came from"),
        max_length=100,
        required=False,
        help_text=_("So that the shop finds it, if it isn't yours."),
    )


class AnswerForm(forms.Form):
    """Why the money is not there."""

    reason = forms.CharField(
        label=_("What is wrong? The buyer reads this."),
        max_length=255,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say what is wrong. The buyer reads this and can put it right.")},
    )


class PaymentMethodsForm(forms.Form):
    """How a shop lets its buyers pay it directly."""

    accepts_cod = forms.BooleanField(
        label=_("Cash on delivery"), required=False, help_text=_("Only where you deliver yourself.")
    )
    cod_limit = forms.IntegerField(
        label=_("Cash only up to"),
        required=False,
        min_value=LEAST_COD_LIMIT,
        max_value=MOST_COD_LIMIT,
        help_text=_("For one order from you. Empty: no limit."),
    )
    is_offered = forms.BooleanField(
        label=_("Bank transfer or QRIS, straight to you"),
        required=False,
        help_text=_("You look whether the money is there and confirm it here. Only then do you pack."),
    )
    bank_name = forms.CharField(label=_("Bank"), max_length=60, required=False, help_text=_("For example: Bank Jatim"))
    account_number = forms.CharField(
        label=_("Account number"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    account_holder = forms.CharField(
        label=_("Account holder"), max_length=100, required=False, help_text=_("As it stands in the bank's book.")
    )
    qris_photo = forms.FileField(
        label=_("Photo of your QRIS code"),
        required=False,
        help_text=_("The fixed code that hangs at your counter. We put each order's amount into it."),
        widget=forms.FileInput(attrs={"accept": PHOTO_ACCEPT}),
    )
    remove_qris = forms.BooleanField(label=_("Take the code off"), required=False)
    name_is_right = forms.BooleanField(
        label=_("The name in the code is right"),
        required=False,
        help_text=_("Tick this if the code is really yours although it carries another name."),
    )

    def __init__(self, *args: Any, has_qris: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_qris:
            del self.fields["remove_qris"]
        # Only somebody whose code carries a strange name is asked about it.
        self.asks_about_name = "name_is_right" in self.data

    def clean(self) -> dict[str, Any]:
        """An account is whole or not there: what is missing is told beside its own field."""
        data = super().clean() or {}
        account = ("bank_name", "account_number", "account_holder")
        if any(data.get(name) for name in account):
            for name in account:
                if not data.get(name):
                    self.add_error(name, _("Fill this in too, or empty bank, number and holder all three."))
        number = "".join((data.get("account_number") or "").split())
        if number and not number.isdigit():
            self.add_error("account_number", _("Write only digits."))
        return data
