"""What buyers fill in about their orders."""

from django import forms
from django.utils.translation import gettext_lazy as _


class FindOrderForm(forms.Form):
    """Number and mail address of an order whose link somebody lost."""

    number = forms.CharField(
        label=_("Order number"),
        max_length=20,
        help_text=_("It stands in our mail and begins with LN."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    email = forms.EmailField(
        label=_("Email of the order"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
