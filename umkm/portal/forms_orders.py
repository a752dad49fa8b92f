"""What a shop fills in about its orders and its ways to send."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from marketplace.orders.models import SubOrder
from marketplace.reference.models import Region
from marketplace.reference.services import MALANG_RAYA
from marketplace.shipping.services import MAX_DAYS, MAX_OWN_PRICE


class StepForm(forms.Form):
    """One step of an order part; which fields it asks for follows from the step."""

    to = forms.ChoiceField(choices=SubOrder.Status.choices, widget=forms.HiddenInput)
    courier = forms.CharField(label=_("Courier"), max_length=60, required=False)
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=60, required=False)
    note = forms.CharField(label=_("Note for the buyer"), max_length=255, required=False)

    def __init__(self, *args: Any, part: SubOrder, step: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step = step
        self.fields["to"].initial = step
        is_courier = step == SubOrder.Status.SHIPPED and part.delivery == SubOrder.Delivery.SHIPPING
        if is_courier:
            self.fields["courier"].required = self.fields["tracking_number"].required = True
            self.fields["tracking_number"].help_text = _("It stands on the courier's receipt.")
        else:
            del self.fields["courier"], self.fields["tracking_number"]
        if step == SubOrder.Status.CANCELLED:
            self.fields["note"].label = _("Why? The buyer reads this.")
            self.fields["note"].required = True
        elif step == SubOrder.Status.RETURNED:
            self.fields["note"].label = _("What happened?")
        elif step == SubOrder.Status.SHIPPED and not is_courier:
            self.fields["note"].help_text = _("For example who brings it, and when it left.")


class VendorShippingForm(forms.Form):
    """How long the shop packs, and whether couriers take its parcels."""

    handling_days = forms.IntegerField(
        label=_("Working days to pack"),
        min_value=0,
        max_value=MAX_DAYS,
        help_text=_("0 means: sent or ready on the same day."),
    )
    uses_courier = forms.BooleanField(label=_("We send by courier, at the site's rates"), required=False)


class DeliveryAreaForm(forms.Form):
    """A city or kecamatan to which the shop delivers itself."""

    region = forms.ModelChoiceField(label=_("Where to"), queryset=Region.objects.none(), empty_label=_("Choose"))
    price = forms.IntegerField(label=_("Price"), min_value=0, max_value=MAX_OWN_PRICE)
    days = forms.IntegerField(
        label=_("Days on the way"), min_value=0, max_value=MAX_DAYS, initial=0, help_text=_("0 means: the same day.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = areas_to_choose()  # type: ignore[attr-defined]
        self.fields["region"].label_from_instance = area_label  # type: ignore[attr-defined]


class PickupPointForm(forms.Form):
    """A place where the shop hands orders over."""

    name = forms.CharField(label=_("Name of the place"), max_length=80)
    address = forms.CharField(label=_("Address"), max_length=255)
    opening_hours = forms.CharField(label=_("Opening hours"), max_length=120, required=False)


def areas_to_choose() -> "QuerySet[Region]":
    """The cities and kecamatan of Malang Raya: what a shop on a motorbike reaches."""
    return (
        Region.objects.filter(level__in=(Region.Level.REGENCY, Region.Level.DISTRICT))
        .filter(code__regex=rf"^({'|'.join(code.replace('.', '[.]') for code in MALANG_RAYA)})([.]|$)")
        .select_related("parent")
        .order_by("code")
    )


def area_label(region: Region) -> str:
    """`Klojen, Kota Malang`; a whole city by its own name."""
    if region.level == Region.Level.REGENCY or region.parent is None:
        return region.name
    return f"{region.name}, {region.parent.name}"
