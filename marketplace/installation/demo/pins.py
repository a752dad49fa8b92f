"""What the demo's editor put first for searches that many products answer."""

from marketplace.accounts.models import User
from marketplace.catalogue.models import Product
from search.pins import pin_products

PINS = {
    "oleh-oleh": (
        "dus-oleh-oleh-kantor-isi-24-bungkus",
        "paket-lima-rasa-keripik-tempe",
        "jenang-apel-malang-500-g",
    ),
    "kado": ("paket-tiga-selai-kado-kayu", "kotak-kado-daur-ulang-pita-goni", "hampers-kampung-tematik"),
    "suvenir pernikahan": ("suvenir-pernikahan-mangkuk-mini-isi-50", "kipas-bambu-kain-batik"),
}


def pin_favourites(*, editor: User) -> None:
    """Pin what is there of it."""
    found = {product.slug: product for product in Product.objects.filter(slug__in=sum(PINS.values(), ()))}
    for query, slugs in PINS.items():
        products = [found[slug] for slug in slugs if slug in found]
        if products:
            pin_products(query=query, products=products, actor=editor)
