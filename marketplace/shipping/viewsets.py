"""Zones with their rates, and pickup points, in the admin. Each save goes through a service that writes it down.

Zones come with the product and points with shops: operators change both, and neither add nor delete any (the group's
permissions, marketplace.accounts.services).
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.views.generic import EditView
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from marketplace.core.exceptions import DomainError
from marketplace.shipping import services
from marketplace.shipping.models import PickupPoint, ShippingZone


class ZoneForm(WagtailAdminModelForm):
    """Names, days and the table of rates, one "grams = price" a line."""

    rates = forms.CharField(
        label=gettext_lazy("Rates"),
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One line for each weight: up to how many grams = price in rupiah, such as “1000 = 9000”. "
            "What is heavier than the last line goes by no courier. Placed orders keep their price."
        ),
    )

    class Meta:
        model = ShippingZone
        fields = ["name", "name_en", "days_min", "days_max"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["rates"] = "\n".join(
            f"{rate.up_to_grams} = {rate.price}" for rate in self.instance.rates.order_by("up_to_grams")
        )

    def clean_rates(self) -> dict[int, int]:
        rates: dict[int, int] = {}
        for number, line in enumerate(self.cleaned_data["rates"].splitlines(), start=1):
            if not line.strip():
                continue
            grams, is_pair, price = line.replace(".", "").replace("Rp", "").partition("=")
            if not is_pair or not grams.strip().isdecimal() or not price.strip().isdecimal():
                raise ValidationError(
                    _("Line %(line)s is no pair of numbers. Write it like “1000 = 9000”.") % {"line": number}
                )
            if int(grams) in rates:
                raise ValidationError(
                    _("Line %(line)s names %(grams)s grams a second time.") % {"line": number, "grams": int(grams)}
                )
            rates[int(grams)] = int(price)
        try:
            services.check_rates(rates)
        except DomainError as error:
            raise ValidationError(str(error.message)) from error
        return rates

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        least, most = cleaned.get("days_min"), cleaned.get("days_max")
        if least is not None and most is not None and least > most:
            self.add_error("days_max", _("At most cannot be less than at least."))
        return cleaned


class ZoneEditView(EditView):
    def save_instance(self) -> ShippingZone:
        self.has_content_changes = self.form.has_changed()
        return services.save_zone(zone_id=self.object.pk, actor=self.request.user, **self.form.cleaned_data)


class PickupPointEditView(EditView):
    def save_instance(self) -> PickupPoint:
        self.has_content_changes = self.form.has_changed()
        return services.correct_pickup_point(point_id=self.object.pk, actor=self.request.user, **self.form.cleaned_data)


class OperatorsViewSet(ModelViewSet):
    """What both have in common."""

    copy_view_enabled = False
    inspect_view_enabled = False
    list_filter: list[str] = []


class ZoneViewSet(OperatorsViewSet):
    model = ShippingZone
    name = "shipping_zones"
    url_prefix = "ongkir/zona"
    icon = "globe"
    menu_label = gettext_lazy("Zones and rates")
    list_display = ["name", "days_min", "days_max"]
    ordering = ["position"]
    edit_view_class = ZoneEditView

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return ZoneForm


class PickupPointViewSet(OperatorsViewSet):
    model = PickupPoint
    name = "pickup_points"
    url_prefix = "ongkir/titik-ambil"
    icon = "site"
    menu_label = gettext_lazy("Pickup points")
    list_display = ["name", "vendor", "address", "is_active"]
    search_fields = ["name", "vendor__name", "address"]
    form_fields = ["name", "address", "opening_hours", "is_active"]
    edit_view_class = PickupPointEditView


class ShippingGroup(ModelViewSetGroup):
    menu_label = gettext_lazy("Shipping")
    menu_icon = "globe"
    menu_order = 456
    items = (ZoneViewSet, PickupPointViewSet)
