"""The one form of the checkout."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from lokal import parse_phone

from marketplace.checkout.plans import Part, Plan, delivery_field
from marketplace.core.money import format_rupiah
from marketplace.core.widgets import OptionCards, OptionDetail
from marketplace.promotions.forms import code_field
from marketplace.shipping.quotes import COURIER, OWN_DELIVERY

WHERE_TO = _("Write where it goes, press “Search”, then choose from the list.")
FOREIGN_PHONE = re.compile(r"\+(?!62)[1-9]\d{6,14}")


class CheckoutForm(forms.Form):
    """Who buys, where it goes, how it gets there, how it is paid. Its delivery fields follow from the plan.

    Arguments:
        plan: what can be ordered, with quotes for the destination that the form names.
        has_region: it names one.
    """

    name = forms.CharField(
        label=_("Your name"), min_length=2, max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Email"),
        max_length=254,
        help_text=_("We send the order and its link there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=_("Phone (WhatsApp)"),
        max_length=25,
        help_text=_("Only the shops that you buy from see it, to deliver your order."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    region_query = forms.CharField(
        label=_("Kelurahan, kecamatan or post code"),
        max_length=80,
        required=False,
        help_text=_("For example: Polowijen, or 65126"),
        error_messages={"required": WHERE_TO},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    region = forms.CharField(max_length=13, required=False, widget=forms.HiddenInput)
    street = forms.CharField(
        label=_("Street, number, RT/RW, landmark"),
        max_length=255,
        required=False,
        error_messages={"required": _("The courier needs a street or a landmark.")},
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postal_code = forms.RegexField(
        r"^\d{5}$",
        label=_("Post code"),
        required=False,
        error_messages={"invalid": _("A post code has 5 digits, for example 65126.")},
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
    )
    note = forms.CharField(label=_("Note to the shops"), max_length=255, required=False, widget=forms.TextInput)
    voucher = code_field()
    payment_method = forms.ChoiceField(label=_("How you pay"))

    def __init__(self, *args: Any, plan: Plan, has_region: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        # An address is asked for only when something is brought.
        self.fields["region_query"].required = plan.needs_address and not has_region
        self.fields["street"].required = plan.needs_address
        for part in plan.parts:
            self.fields[part.field_name] = _delivery(part)
            if part.chosen:
                self.initial[part.field_name] = part.chosen.key
        options = plan.payments
        self.fields["payment_method"].choices = [(option.method, option.label) for option in options]  # type: ignore[attr-defined]
        self.fields["payment_method"].widget = OptionCards(
            choices=[(option.method, option.label) for option in options],
            details={
                option.method: OptionDetail(note=option.note, disabled_reason=option.reason) for option in options
            },
        )
        if plan.reason_against(self.initial.get("payment_method", "")):
            self.initial["payment_method"] = next((option.method for option in options if not option.reason), "")

    @property
    def delivery_fields(self) -> list[tuple[Part, Any]]:
        """Each part with its field, for the template."""
        return [(part, self[part.field_name]) for part in self.plan.parts]

    def deliveries(self) -> dict[int, str]:
        """For each shop's id the key of the way that was chosen."""
        return {part.group.vendor.pk: self.cleaned_data[part.field_name] for part in self.plan.parts}

    def clean_phone(self) -> str:
        """The number in international form; a tourist's from abroad is as good."""
        text = self.cleaned_data["phone"]
        bare = re.sub(r"[\s().-]", "", text)
        if FOREIGN_PHONE.fullmatch(bare):
            return bare
        phone = parse_phone(text)
        if not phone.valid:
            raise forms.ValidationError(
                _("This is not a phone number. Example: 0812 3456 7890, or +65 6123 4567 from abroad."), code="phone"
            )
        return phone.e164 or bare

    def clean(self) -> dict[str, Any]:
        """Without a place nothing can be delivered: one message says what to do, not one for every shop."""
        data = super().clean() or {}
        wants_delivery = any(self.data.get(part.field_name) in (COURIER, OWN_DELIVERY) for part in self.plan.parts)
        if not data.get("region") and (self.plan.needs_address or wants_delivery):
            if "region_query" not in self.errors:
                self.add_error("region_query", WHERE_TO)
            for part in self.plan.parts:
                self.errors.pop(part.field_name, None)
        if self.voucher_refusal:
            self.add_error("voucher", self.voucher_refusal)
        return data

    @property
    def voucher_refusal(self) -> str:
        """Why the typed voucher takes nothing off; empty when it does, or when none was typed."""
        return self.plan.offer.refusal if self.plan.offer else ""


def _delivery(part: Part) -> forms.ChoiceField:
    choices = [(quote.key, quote.label) for quote in part.quotes]
    details = {
        quote.key: OptionDetail(
            note=quote.promise,
            price=(format_rupiah(quote.price) if quote.price else _("Free")) if quote.is_available else "",
            disabled_reason=quote.unavailable,
        )
        for quote in part.quotes
    }
    return forms.ChoiceField(
        label=_("How you get it"),
        choices=choices,
        widget=OptionCards(choices=choices, details=details),
        error_messages={
            "required": _("Choose how you get it."),
            "invalid_choice": _("This way is no longer offered. Choose another."),
        },
    )


def chosen_deliveries(data: Any, vendor_ids: list[int]) -> dict[int, str]:
    """The ways that a posted form names, before it is checked."""
    return {vendor_id: str(data.get(delivery_field(vendor_id), ""))[:40] for vendor_id in vendor_ids}
