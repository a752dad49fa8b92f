"""Orders as a checkout leaves them, in any state, and the shops and products that they need."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from marketplace.accounts.models import User
from marketplace.catalogue.models import Product, Variant
from marketplace.inventory.models import StockItem
from marketplace.inventory.services import reserve_stock
from marketplace.orders.models import Order, OrderLine, PaymentMethod, SubOrder, SubOrderEvent
from tests.factories import base
from umkm.vendors.models import Vendor, VendorMember


def make_shop(name: str, *, village_code: str = "35.73.01.1002", owner: User | None = None, **fields: Any) -> Vendor:
    """An open shop with an owner."""
    place = base.village(village_code)
    vendor = Vendor.objects.create(
        name=name,
        agency=base.agency(place.regency_code),
        subsector=base.subsector(),
        village=place,
        **{"address": "Jalan Contoh 1", "slug": slugify(name), **fields},
    )
    VendorMember.objects.create(vendor=vendor, user=owner or base.UserFactory(), role=VendorMember.Role.OWNER)
    return vendor


def make_variant(
    vendor: Vendor, name: str, *, price: int = 15_000, stock: int = 10, weight: int = 250, **fields: Any
) -> Variant:
    """A product on sale with its one variant in stock."""
    product = Product.objects.create(
        vendor=vendor,
        slug=slugify(f"{vendor.slug}-{name}"),
        name=name,
        category=base.category(),
        live=True,
        **fields,
    )
    variant = Variant.objects.create(product=product, price=price, weight_grams=weight)
    StockItem.objects.create(variant=variant, on_hand=stock)
    return variant


def make_order(
    items: list[tuple[Variant, int]],
    *,
    buyer: User | None = None,
    method: str = PaymentMethod.STRIPE,
    delivery: str = SubOrder.Delivery.SHIPPING,
    shipping: int = 10_000,
    email: str = "sinta@contoh.id",
    **fields: Any,
) -> Order:
    """A pending order for these variants, its stock reserved: one part per shop, each with the same delivery."""
    by_vendor: dict[Vendor, list[tuple[Variant, int]]] = {}
    for variant, quantity in items:
        by_vendor.setdefault(variant.product.vendor, []).append((variant, quantity))
    goods = sum(variant.price * quantity for variant, quantity in items)
    freight = shipping * len(by_vendor)
    number = f"LN-TEST-{Order.objects.count() + 1:05}"
    order = Order.objects.create(
        number=number,
        buyer=buyer,
        checkout_key=f"key-{number}",
        payment_method=method,
        email=buyer.email if buyer else email,
        recipient_name="Sinta",
        phone="+6281234567890",
        address="Jalan Contoh 12",
        region=base.village(),
        region_name="Polowijen, Blimbing, Kota Malang",
        postal_code="65126",
        items_total=goods,
        shipping_total=freight,
        total=goods + freight,
        **{"expires_at": timezone.now() + timedelta(minutes=30) if method == PaymentMethod.STRIPE else None, **fields},
    )
    promises = []
    for vendor, bought in by_vendor.items():
        worth = sum(variant.price * quantity for variant, quantity in bought)
        part = SubOrder.objects.create(
            order=order,
            vendor=vendor,
            delivery=delivery,
            items_total=worth,
            shipping_total=shipping,
            gross=worth + shipping,
            net=worth + shipping,
            shipping_quote={"key": delivery, "label": "Kurir", "price": shipping},
        )
        SubOrderEvent.objects.create(suborder=part, status=SubOrder.Status.PENDING)
        for variant, quantity in bought:
            line = OrderLine.objects.create(
                suborder=part,
                variant=variant,
                product=variant.product,
                name=variant.product.name,
                variant_label=variant.label,
                unit_price=variant.price,
                quantity=quantity,
                total=variant.price * quantity,
                weight_grams=variant.weight_grams,
            )
            promises.append((variant.pk, quantity, line.stock_reference))
    reserve_stock(items=promises, expires_at=order.expires_at)
    return order
