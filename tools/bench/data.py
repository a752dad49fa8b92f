"""Makes the benchmark's catalogue: 10,000 products of 400 shops with photos, variants and stock, in bulk.

Texts and pictures are the demo's; names are varied so that searches find what they would on a real site. Run by run.py
inside Django: `python -m tools.bench.data 10000`.
"""

import itertools
import json
import random
import sys
from pathlib import Path

import django

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Sum  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.utils.text import slugify  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

from marketplace.accounts.models import Agency, User  # noqa: E402
from marketplace.catalogue.images import make_renditions, store_photo  # noqa: E402
from marketplace.catalogue.models import Product, ProductImage, ProductListing, Variant  # noqa: E402
from marketplace.catalogue.services import refresh_listings  # noqa: E402
from marketplace.installation.services import set_up_site  # noqa: E402
from marketplace.inventory.models import StockItem  # noqa: E402
from marketplace.outbox.models import OutboxMessage  # noqa: E402
from marketplace.reference.models import Category, Region  # noqa: E402
from marketplace.shipping.models import DeliveryArea  # noqa: E402
from search.indexing import rebuild  # noqa: E402
from tools.bench.floor.models import EmptyPage  # noqa: E402
from umkm.vendors.models import Vendor, VendorMember  # noqa: E402

DEMO = Path(__file__).resolve().parents[2] / "marketplace" / "installation" / "demo"
KINDS = (
    "Asli",
    "Premium",
    "Kampung",
    "Pedas",
    "Manis",
    "Mini",
    "Jumbo",
    "Hadiah",
    "Harian",
    "Spesial",
    "Ndeso",
    "Baru",
)
SHOPS, BUYERS, PHOTOS, BATCH = 400, 40, 48, 500
PLENTY = 1_000_000


def people() -> list[User]:
    """40 buyers, and one owner for every shop."""
    User.objects.bulk_create(
        [
            User(email=f"{role}{n}@bench.invalid", name=f"{role} {n}", password="!")
            for role, count in (("buyer", BUYERS), ("owner", SHOPS))
            for n in range(count)
        ]
    )
    return list(User.objects.filter(email__startswith="owner").order_by("pk"))


def shops(owners: list[User], dice: random.Random) -> list[Vendor]:
    agencies = {agency.region_id: agency for agency in Agency.objects.all()}
    villages = list(Region.objects.filter(level=Region.Level.VILLAGE))
    names = [row["name"] for row in json.loads((DEMO / "data" / "vendors.json").read_text())]
    subsectors = list(Category.objects.filter(depth=1).values_list("subsector_id", flat=True))
    made = []
    for number in range(SHOPS):
        village = dice.choice(villages)
        name = f"{names[number % len(names)]} {number}"
        made.append(
            Vendor(
                slug=slugify(name),
                name=name,
                agency=agencies[village.regency_code],
                village=village,
                subsector_id=dice.choice(subsectors),
                story="Usaha keluarga di Malang. " * 8,
            )
        )
    made = Vendor.objects.bulk_create(made)
    VendorMember.objects.bulk_create(
        [VendorMember(vendor=vendor, user=owner, role="owner") for vendor, owner in zip(made, owners, strict=True)]
    )
    # Each brings what is bought in Kota Malang, for cash.
    DeliveryArea.objects.bulk_create([DeliveryArea(vendor=vendor, region_id="35.73", price=5000) for vendor in made])
    return made


def photos(owner: User) -> list[int]:
    """Some of the demo's pictures, taken in the way every seller's photo is, with their renditions made."""
    ids = []
    for path in sorted((DEMO / "pictures" / "products").glob("*.webp"))[:PHOTOS]:
        file = SimpleUploadedFile(path.name, path.read_bytes(), content_type="image/webp")
        ids.append(store_photo(file=file, title=path.stem, actor=owner).pk)
        make_renditions(ids[-1])
    return ids


def products(count: int, vendors: list[Vendor], images: list[int], dice: random.Random) -> None:
    rows = json.loads((DEMO / "data" / "products.json").read_text())
    categories = {category.slug: category for category in Category.objects.all()}
    names = itertools.islice(itertools.product(range(count), rows), count)
    made = []
    for number, (round_number, row) in enumerate(names):
        kind = f" {KINDS[round_number % len(KINDS)]}" if round_number else ""
        made.append(
            Product(
                vendor=vendors[number % len(vendors)],
                slug=f"{row['slug'][:100]}-{number}",
                name=f"{row['name']}{kind}"[:120],
                name_en=row["name_en"],
                description=row["description"],
                description_en=row["description_en"],
                category=categories[row["category"]],
                tags=row.get("tags", ""),
                live=True,
                first_published_at=timezone.now(),
                last_published_at=timezone.now(),
            )
        )
    for start in range(0, count, BATCH):
        batch = Product.objects.bulk_create(made[start : start + BATCH])
        ProductImage.objects.bulk_create(
            [
                ProductImage(product=product, image_id=dice.choice(images), sort_order=order, alt=product.name)
                for product in batch
                for order in range(3)
            ]
        )
        variants = Variant.objects.bulk_create(
            [
                Variant(
                    product=product,
                    label=label,
                    price=dice.randrange(5, 200) * 1000,
                    weight_grams=250,
                    position=position,
                    options=[{"name": "Ukuran", "value": label}] if label else [],
                )
                for product in batch
                for position, label in enumerate(dice.choice([("",), ("",), ("S", "M", "L")]))
            ]
        )
        StockItem.objects.bulk_create([StockItem(variant=variant, on_hand=PLENTY) for variant in variants])
        refresh_listings(product_ids=[product.pk for product in batch])
        print(f"\r  {start + len(batch)} products", end="", flush=True)
    print()


def finish() -> None:
    """Stock on the cards, the search index, the empty page for the floor; nothing left for the worker to do."""
    stock = dict(Variant.objects.order_by().values_list("product_id").annotate(n=Sum("stock__on_hand")))
    listings = [ProductListing(pk=pk, stock_left=left) for pk, left in stock.items()]
    ProductListing.objects.bulk_update(listings, ["stock_left"], batch_size=BATCH)
    rebuild()
    OutboxMessage.objects.all().delete()
    root = Page.get_first_root_node()
    parent = Site.objects.get(is_default_site=True).root_page
    page = EmptyPage(title="Lantai", slug="lantai", locale=parent.locale)
    (parent if parent.depth > 1 else root).add_child(instance=page)
    with connection.cursor() as cursor:
        # What autovacuum does for a site within minutes; right after a mass of rows it has not come by yet.
        cursor.execute("VACUUM (ANALYZE)")


def main() -> None:
    count = int(sys.argv[1])
    dice = random.Random(26)
    for step in set_up_site():
        print(f"  {step}")
    owners = people()
    vendors = shops(owners, dice)
    products(count, vendors, photos(owners[0]), dice)
    finish()


if __name__ == "__main__":
    main()
