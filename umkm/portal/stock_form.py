"""Price and stock of a product's variants, without its text."""

from collections.abc import Iterable
from typing import Any

from django import forms

from marketplace.catalogue.models import Variant
from umkm.portal.forms import StrictFormSet, VariantForm
from umkm.portal.selectors import stock_of
from umkm.portal.services import Count


class StockForm(VariantForm):
    """One variant: how much it costs and how many there are."""

    variant_id = forms.IntegerField(widget=forms.HiddenInput)
    value_1 = value_2 = weight = is_active = None  # type: ignore[assignment]


StockFormSet = forms.formset_factory(StockForm, formset=StrictFormSet, extra=0, max_num=100)


def stock_initial(variants: Iterable[Variant]) -> list[dict[str, Any]]:
    """What the form shows when it is opened. One query."""
    variants = list(variants)
    stock = stock_of(variants)
    rows = []
    for variant in variants:
        on_hand = stock[variant.pk].on_hand if variant.pk in stock else 0
        rows.append({"variant_id": variant.pk, "price": variant.price, "stock": on_hand, "stock_was": on_hand})
    return rows


def posted_counts(formset: Any) -> list[tuple[int, int, Count]]:
    """(variant id, price, count) of each row of a valid form."""
    return [
        (
            form.cleaned_data["variant_id"],
            form.cleaned_data["price"],
            Count(form.cleaned_data["stock"], form.cleaned_data["stock_was"]),
        )
        for form in formset.forms
    ]
