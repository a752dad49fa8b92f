"""How the three hundred products came onto the site: drafted with photos, submitted, judged."""

import multiprocessing
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from marketplace.accounts.models import User
from marketplace.catalogue.content import PhotoDraft, ProductContent, VariantDraft
from marketplace.catalogue.images import keep_photo, prepare_photo
from marketplace.catalogue.models import Product
from marketplace.catalogue.services import create_product, save_variants, submit_product, update_product
from marketplace.catalogue.tasks import APPROVE, REJECT
from marketplace.installation.demo.businesses import rows
from marketplace.installation.demo.timeline import Timeline
from marketplace.inventory.services import set_stock
from marketplace.reference.models import Category, Region
from marketplace.shipping.services import save_delivery_area
from umkm.vendors.models import Vendor
from umkm.vendors.services import update_profile

PICTURES = Path(__file__).resolve().parent / "pictures"
# Shelf life in days of what is eaten, by the first part of its category; crafts keep for good.
SHELF_LIFE = {"keripik-kerupuk": 120, "kue-roti": 14, "bumbu-sambal-selai": 90, "minuman-kopi-teh": 180, "camilan": 90,
              "bakso-mi-lauk": 60, "hasil-kebun": 5}  # fmt: skip
HOURS = "08.00–16.00, Minggu tutup"

Prepared = tuple[bytes, int, int]


def _prepare(path: Path) -> tuple[Path, Prepared]:
    return path, prepare_photo(SimpleUploadedFile(path.name, path.read_bytes(), content_type="image/webp"))


def prepare_pictures(paths: Iterable[Path]) -> Iterable[tuple[Path, Prepared]]:
    """Check and re-encode the demo's pictures as an upload would, on all cores of the machine."""
    with multiprocessing.get_context("fork").Pool() as pool:
        yield from pool.imap_unordered(_prepare, paths, chunksize=8)


def all_pictures() -> list[Path]:
    """Every picture of the demo: three of each product, avatar and cover of each shop."""
    return sorted(PICTURES.glob("*/*.webp"))


class Catalogue:
    """Lets each shop, once it is open, fill its shelves."""

    def __init__(self, timeline: Timeline, pictures: dict[Path, Prepared]) -> None:
        self.timeline = timeline
        self.pictures = pictures
        self.categories = {category.slug: category for category in Category.objects.select_related("parent")}
        self.by_vendor: dict[str, list[dict[str, Any]]] = {}
        for row in rows("products"):
            self.by_vendor.setdefault(row["vendor"], []).append(row)

    def open_shop(self, row: dict[str, Any], vendor: Vendor) -> None:
        """Called when an application was approved: dress the shop and plan its products over the next days."""
        owner = vendor.members.select_related("user").get(role="owner").user
        shop = PICTURES / "vendors" / row["slug"]
        if (PICTURES / "vendors" / f"{row['slug']}-avatar.webp").exists():
            update_profile(
                vendor_id=vendor.pk,
                actor=owner,
                changes={
                    "story_en": row.get("story_en", ""),
                    "opening_hours": HOURS,
                    "avatar": self._keep(shop.with_name(f"{shop.name}-avatar.webp"), vendor.name, owner),
                    "cover": self._keep(shop.with_name(f"{shop.name}-cover.webp"), vendor.name, owner),
                },
            )
        if vendor.pk % 4:
            regency = Region.objects.get(code=vendor.village.regency_code)
            save_delivery_area(
                vendor=vendor, actor=owner, region=regency, price=8_000 + 1_000 * (vendor.pk % 5), days=1
            )
        moment = timezone.now()
        for number, product in enumerate(self.by_vendor.get(row["slug"], ())):
            moment += timedelta(hours=7 if number < 4 else 60)
            self.timeline.at(min(moment, self._latest(number)), partial(self._list, product, vendor, owner))

    def _latest(self, number: int) -> Any:
        """Shops that opened late list everything all the same: nothing of the demo's catalogue is missing."""
        return self.timeline.now - timedelta(hours=14 + number)

    def _list(self, row: dict[str, Any], vendor: Vendor, owner: User) -> None:
        photos = [
            PhotoDraft(
                image_id=self._keep(PICTURES / "products" / f"{row['slug']}{suffix}.webp", row["name"], owner).pk,
                alt=f"Ilustrasi: {row['name']}{what}, {vendor.name}",
                alt_en=f"Illustration: {row['name_en']}{what_en}, {vendor.name}",
            )
            for suffix, what, what_en in (("", "", ""), ("-2", ", isi", ", inside"), ("-3", ", kemasan", ", packed"))
        ]
        product = create_product(vendor=vendor, actor=owner, content=self._content(row), photos=photos)
        variants = save_variants(product_id=product.pk, actor=owner, variants=self._variants(row))
        for index, variant in enumerate(variants):
            share = row["stock"] // len(variants) + (1 if index < row["stock"] % len(variants) else 0)
            set_stock(variant_id=variant.pk, on_hand=share, actor=owner)
        submit_product(product_id=product.pk, actor=owner)
        judged = self.timeline.after(timezone.now(), hours=9)
        self.timeline.at(min(judged, self.timeline.now - timedelta(minutes=10)), partial(self._judge, product.pk))

    def _content(self, row: dict[str, Any], **changes: Any) -> ProductContent:
        category = self.categories[row["category"]]
        group = category.parent.slug if category.parent else category.slug
        values = {
            "name": row["name"],
            "name_en": row["name_en"],
            "description": row["description"],
            "description_en": row["description_en"],
            "category_id": category.pk,
            "tags": row["tags"],
            "shelf_life_days": SHELF_LIFE.get(group, SHELF_LIFE.get(category.slug)),
            "is_digital": row["weight"] == 0,
        }
        return ProductContent(**(values | changes))

    def _variants(self, row: dict[str, Any]) -> list[VariantDraft]:
        forms: list[list[dict[str, str]]] = [[]]
        for option in row.get("options", ()):
            forms = [[*form, {"name": option["name"], "value": value}] for form in forms for value in option["values"]]
        return [VariantDraft(price=_price(row, form), options=form, weight_grams=row["weight"]) for form in forms]

    def _keep(self, path: Path, title: str, owner: User) -> Any:
        content, width, height = self.pictures[path]
        return keep_photo(content=content, width=width, height=height, title=title, actor=owner)

    def _judge(self, product_id: int, action: str = APPROVE, comment: str = "") -> None:
        product = Product.objects.select_related("vendor__agency").get(pk=product_id)
        state = product.current_workflow_task_state
        officer = (
            product.vendor.agency.officers.filter(is_active=True).select_related("user").order_by("pk")[product_id % 2]
        )
        state.task.specific.on_action(state, officer.user, action, comment=comment)

    def leave_some_waiting(self) -> None:
        """What moderators find today: changes of live products, new ones, and one that was sent back."""
        live = list(Product.objects.filter(live=True).select_related("vendor").order_by("pk"))
        source = {row["slug"]: row for row in rows("products")}
        for index, product in enumerate(live[:: max(1, len(live) // 9)][:9]):
            owner = product.vendor.members.get(role="owner").user
            row = source[product.slug]
            text = f"{row['description']} Sekarang dengan kemasan yang lebih rapat."
            update_product(product_id=product.pk, actor=owner, content=self._content(row, description=text))
            submit_product(product_id=product.pk, actor=owner)
            if index % 4 == 3:
                self._judge(product.pk, REJECT, "Sebutkan juga berat bersihnya, lalu kirim lagi.")


def _price(row: dict[str, Any], form: list[dict[str, str]]) -> int:
    """The listed price is the first form's; a later weight or size costs more, a colour does not."""
    steps = 0
    for option in row.get("options", ()):
        if option["name"] in {"Berat", "Diameter", "Panjang", "Bingkai", "Isi", "Jumlah Wajah"}:
            value = next(part["value"] for part in form if part["name"] == option["name"])
            steps += option["values"].index(value)
    return int(round(row["price"] * (1 + 0.45 * steps), -3)) if steps else row["price"]
