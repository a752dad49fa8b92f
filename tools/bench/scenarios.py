"""What the benchmark asks for, read from its database: runs inside Django, see run.py."""

from typing import Any
from urllib.parse import quote_plus

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db.models import Count

from marketplace.accounts.models import User
from marketplace.catalogue.models import Product, Variant
from marketplace.reference.models import Category
from umkm.vendors.models import Vendor

WORDS = (
    "keripik tempe",
    "kripik pedas",
    "kopi",
    "kopi dampit",
    "batik",
    "tas rajut",
    "sambal bawang",
    "apel manalagi",
    "keramik",
    "oleh-oleh",
    "topeng",
    "kue kering",
    "anyaman",
    "bakso",
    "sepatu kulit",
    "madu",
    "teh",
    "kaos malang",
    "gelas",
    "susu",
)


def session_of(user: User) -> str:
    """The key of a session in which `user` is signed in, as allauth leaves it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def collect() -> dict[str, Any]:
    products = list(Product.objects.order_by("?").values_list("slug", flat=True)[:3000])
    categories = list(
        Category.objects.annotate(n=Count("products")).filter(n__gt=0).order_by("path").values_list("path", flat=True)
    )
    shops = list(Vendor.objects.order_by("pk").values_list("slug", flat=True))
    variants = list(Variant.objects.order_by("?").values_list("pk", flat=True)[:3000])
    apart = list(Variant.objects.order_by("product__vendor_id", "pk").distinct("product__vendor_id")[:3])
    return {
        "session": session_of(User.objects.get(email="buyer0@bench.invalid")),
        "pages": {
            "home": ["/"],
            "category": [f"/kategori/{path}/" for path in categories],
            "shop": [f"/toko/{slug}/" for slug in shops],
            "product": [f"/produk/{slug}/" for slug in products],
            "search": [f"/cari/?q={quote_plus(word)}" for word in WORDS],
        },
        # What is asked while somebody types each word.
        "suggestions": [
            f"/cari/saran/?q={quote_plus(word[:end])}" for word in WORDS for end in range(2, len(word) + 1)
        ],
        "variants": variants,
        "variants_of_three_shops": [variant.pk for variant in apart],
    }
