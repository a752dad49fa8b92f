"""The variants of a product while its form is filled in: size × colour becomes one row for each combination."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from marketplace.catalogue.content import VariantDraft
from marketplace.catalogue.models import Product, Variant
from marketplace.catalogue.variants import MAX_VARIANTS
from marketplace.inventory.models import StockItem
from umkm.portal.forms import OptionsForm, StrictFormSet, VariantForm, split_values
from umkm.portal.selectors import stock_of

PREFIX = "variant"
_FIELDS = ("value_1", "value_2", "price", "stock", "stock_was", "weight", "is_active")
Key = tuple[str, str]


class BaseVariantFormSet(StrictFormSet):
    """One row for each combination of values."""

    awaiting: set[Key] = frozenset()  # type: ignore[assignment]
    promised: dict[Key, int] = {}

    def rows(self) -> list[dict[str, Any]]:
        """Each form with its label and what is special about it."""
        rows = []
        for form in self.forms:
            key = _key(form["value_1"].value(), form["value_2"].value())
            label = " / ".join(filter(None, (form["value_1"].value(), form["value_2"].value())))
            rows.append(
                {
                    "form": form,
                    "label": label,
                    "awaits_review": key in self.awaiting,
                    "promised": self.promised.get(key, 0),
                }
            )
        return rows

    def drafts(self, names: tuple[str, str]) -> list[VariantDraft]:
        """What to save; `names` are those of the two options."""
        drafts = []
        for form in self.forms:
            values = (form.cleaned_data["value_1"], form.cleaned_data["value_2"])
            options = [{"name": name, "value": value} for name, value in zip(names, values, strict=True) if value]
            drafts.append(
                VariantDraft(
                    price=form.cleaned_data["price"],
                    weight_grams=form.cleaned_data["weight"] or 0,
                    is_active=form.cleaned_data["is_active"],
                    options=options,
                )
            )
        return drafts


VariantFormSet = forms.formset_factory(
    VariantForm,
    formset=BaseVariantFormSet,
    extra=0,
    max_num=MAX_VARIANTS,
    absolute_max=MAX_VARIANTS + 1,
    validate_max=True,
)


class VariantTable:
    """Options and rows together.

    Arguments:
        options: the form of the two differences.
        rows: a formset with a row for each combination.
        too_many: how many combinations were asked for, when that is more than a product may have.
    """

    def __init__(self, options: OptionsForm, rows: Any, too_many: int = 0) -> None:
        self.options = options
        self.rows = rows
        self.too_many = too_many

    def is_valid(self) -> bool:
        """Whether both are right; both are checked, so that every error is shown at once."""
        if self.too_many:
            self.options.add_error(
                "values_2" if self.options["values_2"].value() else "values_1",
                _("That makes %(count)s variants; at most %(most)s.") % {"count": self.too_many, "most": MAX_VARIANTS},
            )
        return all([self.options.is_valid(), self.rows.is_valid()])

    def drafts(self) -> list[VariantDraft]:
        """What to save."""
        return self.rows.drafts((self.options.cleaned_data["name_1"], self.options.cleaned_data["name_2"]))


def variants_of(product: Product | None) -> VariantTable:
    """The variants of a product, for a form that is opened; one empty row for a new product."""
    variants = _kept(product)
    stock = stock_of(variants)
    initial = [_initial(variant, stock.get(variant.pk)) for variant in variants] or [{"is_active": True}]
    options = OptionsForm(initial=_options_initial(variants), prefix="options")
    return VariantTable(options, _annotated(VariantFormSet(initial=initial, prefix=PREFIX), variants, stock))


def posted_variants(data: Any, product: Product | None, *, is_judged: bool = True) -> VariantTable:
    """The variants of a form that was sent: a row for each combination of the options as they are written now.

    Rows that the page did not have yet take price and weight from the first one; their stock is asked for.

    Arguments:
        is_judged: False lays out the rows without looking for errors in them.
    """
    options = OptionsForm(data, prefix="options")
    posted = {_key(row["value_1"], row["value_2"]): row for row in _posted_rows(data)}
    firsts = split_values(data.get("options-values_1", "")) or [""]
    seconds = split_values(data.get("options-values_2", "")) or [""]
    wanted = len(firsts) * len(seconds)
    combinations = [(first, second) for first in firsts for second in seconds][:MAX_VARIANTS]
    pattern = next(iter(posted.values()), dict.fromkeys(_FIELDS, ""))
    rows = []
    for first, second in combinations:
        row = posted.get(_key(first, second))
        if row is None:
            row = (
                dict.fromkeys(_FIELDS, "") | {name: pattern[name] for name in ("price", "weight")} | {"is_active": "on"}
            )
            if len(combinations) == 1:
                row["stock"] = pattern["stock"]
        rows.append(row | {"value_1": first, "value_2": second})
    formset = (
        VariantFormSet(_as_data(rows), prefix=PREFIX) if is_judged else VariantFormSet(initial=rows, prefix=PREFIX)
    )
    variants = _kept(product)
    too_many = wanted if wanted > MAX_VARIANTS else 0
    return VariantTable(options, _annotated(formset, variants, stock_of(variants)), too_many)


def _kept(product: Product | None) -> list[Variant]:
    """What the vendor offers, on sale or not."""
    if product is None:
        return []
    return list(product.variants.filter(is_retired=False, goes_at_review=False).order_by("position", "pk"))


def _key(first: Any, second: Any) -> Key:
    return str(first or "").casefold(), str(second or "").casefold()


def _values(variant: Variant) -> tuple[str, str]:
    values = [option["value"] for option in variant.options] + ["", ""]
    return values[0], values[1]


def _initial(variant: Variant, stock: StockItem | None) -> dict[str, Any]:
    first, second = _values(variant)
    on_hand = stock.on_hand if stock else 0
    return {
        "value_1": first,
        "value_2": second,
        "price": variant.price,
        "stock": on_hand,
        "stock_was": on_hand,
        "weight": variant.weight_grams,
        "is_active": variant.is_active or variant.awaits_review,
    }


def _options_initial(variants: Iterable[Variant]) -> dict[str, str]:
    names: list[str] = ["", ""]
    values: list[dict[str, None]] = [{}, {}]
    for variant in variants:
        for index, option in enumerate(variant.options[:2]):
            names[index] = option["name"]
            values[index][option["value"]] = None
    return {
        "name_1": names[0],
        "values_1": ", ".join(values[0]),
        "name_2": names[1],
        "values_2": ", ".join(values[1]),
    }


def _annotated(formset: Any, variants: Iterable[Variant], stock: dict[int, StockItem]) -> Any:
    formset.awaiting = {_key(*_values(variant)) for variant in variants if variant.awaits_review}
    formset.promised = {
        _key(*_values(variant)): stock[variant.pk].reserved for variant in variants if variant.pk in stock
    }
    return formset


def _posted_rows(data: Any) -> list[dict[str, str]]:
    total = data.get(f"{PREFIX}-TOTAL_FORMS", "0")
    count = min(int(total), MAX_VARIANTS) if total.isdecimal() else 0
    return [{name: data.get(f"{PREFIX}-{index}-{name}", "") for name in _FIELDS} for index in range(count)]


def _as_data(rows: list[dict[str, str]]) -> dict[str, str]:
    data = {f"{PREFIX}-TOTAL_FORMS": str(len(rows)), f"{PREFIX}-INITIAL_FORMS": "0"}
    for index, row in enumerate(rows):
        data |= {f"{PREFIX}-{index}-{name}": row[name] for name in _FIELDS}
    return data
