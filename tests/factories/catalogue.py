"""Photos and products, made through the services that vendors use."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from marketplace.catalogue.content import PhotoDraft, ProductContent, VariantDraft
from marketplace.catalogue.images import store_photo
from marketplace.catalogue.models import Product
from marketplace.catalogue.services import create_product, save_variants, submit_product
from tests.factories import base
from umkm.vendors.models import Vendor


def photo_bytes(size: tuple[int, int] = (640, 480), format: str = "JPEG", **options: Any) -> bytes:
    """A picture whose upper half is red and whose lower half is blue, so that a turn can be seen."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0], size[1] // 2))
    target = BytesIO()
    picture.save(target, format, **options)
    return target.getvalue()


def upload(
    content: bytes | None = None, *, name: str = "foto.jpg", content_type: str = "image/jpeg"
) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, photo_bytes() if content is None else content, content_type)


def stored_photo(actor: Any) -> Any:
    """A photo that went through the checks."""
    return store_photo(file=upload(), title="Foto", actor=actor)


def content(name: str = "Stik tempe", **fields: Any) -> ProductContent:
    """What a vendor writes about a product."""
    values = {"description": "Renyah, dari tempe Sanan.", "category_id": base.category().pk} | fields
    return ProductContent(name=name, **values)


def draft_product(
    vendor: Vendor, actor: Any, *, name: str = "Stik tempe", price: int = 15_000, **fields: Any
) -> Product:
    """A product that is complete and that nobody has sent yet."""
    product = create_product(
        vendor=vendor, actor=actor, content=content(name, **fields), photos=[PhotoDraft(stored_photo(actor).pk)]
    )
    save_variants(product_id=product.pk, actor=actor, variants=[VariantDraft(price=price, weight_grams=250)])
    return Product.objects.get(pk=product.pk)


def submitted_product(vendor: Vendor, actor: Any, **fields: Any) -> Product:
    """A product that waits for the office."""
    product = draft_product(vendor, actor, **fields)
    submit_product(product_id=product.pk, actor=actor)
    return Product.objects.get(pk=product.pk)


def waiting_task(product: Product) -> Any:
    """The task state in which the product waits."""
    return Product.objects.get(pk=product.pk).current_workflow_task_state


def decide(product: Product, officer: Any, action: str = "approve", **options: Any) -> Product:
    """Let an officer approve (or reject) what waits."""
    state = waiting_task(product)
    state.task.specific.on_action(state, officer, action, **options)
    return Product.objects.get(pk=product.pk)


def live_product(vendor: Vendor, actor: Any, officer: Any, **fields: Any) -> Product:
    """A product that the office has passed."""
    return decide(submitted_product(vendor, actor, **fields), officer)
