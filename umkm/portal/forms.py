"""Forms of the owner's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.catalogue.content import ProductContent
from marketplace.catalogue.images import ACCEPT
from marketplace.catalogue.models import Product
from marketplace.reference.models import Category
from umkm.registration.fields import PositionField


class MultipleFileInput(forms.FileInput):
    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Several files at once; their own checks come in store_photo(), which can say what is wrong with which."""

    widget = MultipleFileInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [file for file in (data if isinstance(data, list | tuple) else [data]) if file]


def category_choices() -> list[tuple[str, Any]]:
    """The categories that a product can stand in, grouped by their top category. One query."""
    categories = list(Category.objects.filter(is_active=True).order_by("path"))
    parents = {category.parent_id for category in categories}
    by_id = {category.pk: category for category in categories}
    groups: dict[str, list[tuple[int, str]]] = {}
    for category in sorted(categories, key=lambda each: (each.path.split("/")[0], each.position, each.path)):
        if category.pk in parents:
            continue
        top = category
        while top.parent_id in by_id:
            top = by_id[top.parent_id]
        groups.setdefault(top.display_name, []).append((category.pk, category.display_name))
    return [("", _("Choose a category")), *groups.items()]


class LaterField(forms.CharField):
    """Needed before the product is sent, so it is not called optional; a draft may still be without it."""

    def validate(self, value: Any) -> None:
        """Nothing is too little for a draft."""


class ProductForm(forms.Form):
    """The text of a product."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Product name"),
        max_length=120,
        help_text=_("What it is, and what sets it apart: “Stik tempe daun jeruk”."),
        error_messages={"required": _("Write the name of the product.")},
    )
    category = forms.TypedChoiceField(
        label=_("Category"), coerce=int, error_messages={"required": _("Choose a category.")}
    )
    description = LaterField(
        label=_("Description"),
        max_length=5000,
        help_text=_("What it is made of, how large it is, how it tastes or feels, how to keep it."),
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    shelf_life_days = forms.IntegerField(
        label=_("Keeps for"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=_("From the day it leaves you. Tourists look for this."),
    )
    tags = forms.CharField(
        label=_("Other words that people search"),
        required=False,
        max_length=255,
        help_text=_("With commas between them: oleh-oleh, camilan, pedas"),
    )
    is_digital = forms.BooleanField(
        label=_("Nothing to ship"), required=False, help_text=_("A file, a class or a service.")
    )
    name_en = forms.CharField(label=_("Name in English"), required=False, max_length=120)
    description_en = forms.CharField(
        label=_("Description in English"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = category_choices()  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, draft: Product) -> dict[str, Any]:
        """The values of a draft, for the form."""
        names = [name for name in cls.base_fields if name != "category"]
        return {name: getattr(draft, name) for name in names} | {"category": draft.category_id}

    def content(self) -> ProductContent:
        """What was written, for the services."""
        values = dict(self.cleaned_data)
        return ProductContent(category_id=values.pop("category"), **values)


class PhotoUploadForm(forms.Form):
    """Photos straight from the phone, several at once."""

    use_required_attribute = False

    photos = MultipleFileField(
        label=_("Add photos"),
        help_text=_(
            "Up to 8, each at most 15 MB. Daylight near a window works best; the first one stands on the card."
        ),
        widget=MultipleFileInput(attrs={"accept": ACCEPT}),
    )


class PhotoForm(forms.Form):
    """One photo that is stored already: its words and its place."""

    token = forms.CharField(widget=forms.HiddenInput)
    alt = forms.CharField(
        label=_("What the photo shows"),
        required=False,
        max_length=200,
    )
    alt_en = forms.CharField(label=_("The same in English"), required=False, max_length=200)
    order = forms.IntegerField(label=_("Place"), required=False, min_value=1, max_value=99)
    remove = forms.BooleanField(label=_("Remove"), required=False)


class OptionsForm(forms.Form):
    """What tells the variants of a product apart: up to two options with their values."""

    name_1 = forms.CharField(
        label=_("First difference"), required=False, max_length=30, help_text=_("For example: Size")
    )
    values_1 = forms.CharField(
        label=_("Its values"), required=False, max_length=400, help_text=_("With commas between them: S, M, L")
    )
    name_2 = forms.CharField(
        label=_("Second difference"), required=False, max_length=30, help_text=_("For example: Colour")
    )
    values_2 = forms.CharField(
        label=_("Its values"), required=False, max_length=400, help_text=_("With commas between them: Indigo, Brown")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for number in (1, 2):
            name, values = cleaned.get(f"name_{number}", ""), split_values(cleaned.get(f"values_{number}", ""))
            if values and not name:
                self.add_error(f"name_{number}", _("Give this difference a name, for example: Size."))
            if name and not values:
                self.add_error(f"values_{number}", _("Write the values, with commas between them."))
        if cleaned.get("name_1") and cleaned.get("name_1", "").casefold() == cleaned.get("name_2", "").casefold():
            self.add_error("name_2", _("The two differences need different names."))
        return cleaned


def split_values(text: str) -> list[str]:
    """`S, M , m` → `["S", "M"]`: each value once, in the order in which it was written."""
    values: dict[str, str] = {}
    for line in text.replace("\n", ",").split(","):
        value = " ".join(line.split())
        if value:
            values.setdefault(value.casefold(), value[:50])
    return list(values.values())


class StrictFormSet(forms.BaseFormSet):
    """Every row is judged: Django lets rows that came empty pass without a look."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "empty_permitted": False, "use_required_attribute": False}


_WHOLE = {"inputmode": "numeric", "autocomplete": "off"}


class RupiahField(forms.IntegerField):
    """Whole rupiah, also when written as people write them: `Rp15.000`, `15 000`."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = value.strip().removeprefix("Rp").removesuffix(",00").replace(".", "").replace(" ", "")
        return super().to_python(value)


class VariantForm(forms.Form):
    """Price, stock and weight of one variant."""

    value_1 = forms.CharField(required=False, widget=forms.HiddenInput)
    value_2 = forms.CharField(required=False, widget=forms.HiddenInput)
    price = RupiahField(
        label=_("Price"),
        widget=forms.TextInput(attrs=_WHOLE),
        error_messages={"required": _("Write a price."), "invalid": _("Write the price in digits, e.g. 15000.")},
    )
    stock = forms.IntegerField(
        label=_("Stock"),
        min_value=0,
        max_value=1_000_000,
        widget=forms.TextInput(attrs=_WHOLE),
        error_messages={
            "required": _("Write how many there are; 0 if none."),
            "invalid": _("Write the stock in digits."),
            "min_value": _("Stock cannot be below zero. Write 0 when it is sold out."),
        },
    )
    # What the page showed when it was opened: a stock that was not touched must not undo what was sold meanwhile.
    stock_was = forms.IntegerField(required=False, widget=forms.HiddenInput)
    weight = forms.IntegerField(
        label=_("Weight"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        widget=forms.TextInput(attrs=_WHOLE),
        error_messages={"invalid": _("Write the weight in grams, in digits.")},
    )
    is_active = forms.BooleanField(label=_("On sale"), required=False)

    def clean_price(self) -> int:
        price: int = self.cleaned_data["price"]
        if price <= 0:
            raise forms.ValidationError(_("The price must be more than Rp0."), code="price_not_positive")
        if price > 1_000_000_000:
            raise forms.ValidationError(_("The price may be at most Rp1.000.000.000."), code="price_too_high")
        return price


class ShopForm(forms.Form):
    """What a shop says of itself."""

    avatar = forms.FileField(
        label=_("Shop picture"),
        required=False,
        help_text=_("Square: you, your logo or your best product."),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
    cover = forms.FileField(
        label=_("Cover"),
        required=False,
        help_text=_("Wide: your workshop, kitchen or stall."),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
    story = forms.CharField(
        label=_("Story"),
        required=False,
        max_length=3000,
        help_text=_("Who makes it, since when, what is special about it."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    story_en = forms.CharField(
        label=_("Story in English"), required=False, max_length=3000, widget=forms.Textarea(attrs={"rows": 5})
    )
    address = forms.CharField(label=_("Address"), required=False, max_length=255)
    opening_hours = forms.CharField(
        label=_("Opening hours"), required=False, max_length=120, help_text=_("For example: Mon–Sat 08.00–17.00")
    )
    position = PositionField(
        label=_("Position on the map"),
        required=False,
        help_text=_("Buyers get a link to the place. Two numbers, as map apps give them; leave it empty to show none."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    accepts_pickup = forms.BooleanField(
        label=_("Buyers can pick up at the shop"),
        required=False,
        help_text=_("They see your address and opening hours."),
    )

    TEXTS = ("story", "story_en", "address", "opening_hours", "accepts_pickup")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("accepts_pickup") and not cleaned.get("address"):
            self.add_error("address", _("Buyers who pick up need an address."))
        return cleaned


class InviteForm(forms.Form):
    """Whom to invite into the team."""

    email = forms.EmailField(
        label=_("Email address"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write an email address."), "invalid": _("Write it like nama@contoh.id.")},
    )
