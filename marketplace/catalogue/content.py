"""What a vendor writes about a product, on its way from a form to a service."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ProductContent:
    """The reviewed text of a product."""

    name: str
    category_id: int
    description: str = ""
    name_en: str = ""
    description_en: str = ""
    tags: str = ""
    shelf_life_days: int | None = None
    is_digital: bool = False


@dataclass(frozen=True)
class PhotoDraft:
    """One picture of a product; the order of the list is the order on the page."""

    image_id: int
    alt: str = ""
    alt_en: str = ""


@dataclass(frozen=True)
class VariantDraft:
    """One form of a product.

    Arguments:
        price: whole rupiah, more than nothing.
        options: what tells it from the others, e.g. `[{"name": "Ukuran", "value": "L"}]`; empty for an only form.
        variant_id: the existing variant that this changes; None finds it by its options or makes a new one.
    """

    price: int
    options: Sequence[dict[str, str]] = field(default_factory=list)
    weight_grams: int = 0
    sku: str = ""
    is_active: bool = True
    variant_id: int | None = None

    @property
    def label(self) -> str:
        """`L / Nila`: the values of the options."""
        return " / ".join(option["value"] for option in self.options)
