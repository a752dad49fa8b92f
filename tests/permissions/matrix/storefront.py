"""Public pages, search, and what the content tools add to the admin."""

from search.insight import tokens
from search.models import LexiconWord, SynonymGroup
from search.pins import pin_products
from tests.permissions.matrix_row import PUBLIC, SIGN_IN, Row, shape
from tests.roles import Scene

# Chooser dialogues: for everyone who works in the admin, since pages there may use them.
IN_ADMIN = shape((SIGN_IN, 302, 403), officer=200, other_officer=200, editor=200, operator=200)


# Our own screen for the same people; for others in the admin it would not exist.
IN_ADMIN_OWN = shape((SIGN_IN, 302, 403, 404), officer=200, other_officer=200, editor=200, operator=200)

# For nobody: products and shops come into being elsewhere.
REFUSED = shape((SIGN_IN, 302, 403))


def synonym(scene: Scene) -> dict[str, int]:
    return chosen(SynonymGroup.objects.first().pk)


def word(scene: Scene) -> dict[str, int]:
    return chosen(LexiconWord.objects.first().pk)


def pin(scene: Scene) -> dict[str, int]:
    return chosen(pin_products(query="keripik", products=[scene.product]).pk)


def product(scene: Scene) -> dict[str, str]:
    return {"slug": scene.product.slug}


def seen(scene: Scene) -> dict[str, str]:
    return {"token": tokens.sign(tokens.Shown("kripik", 3)), "view": "0" * 24, "event": "seen"}


def chosen(pk: int) -> dict[str, int]:
    return {"pk": pk}


ROWS = [
    Row("storefront:categories", PUBLIC),
    Row("storefront:category", PUBLIC, kwargs={"path": "kuliner/keripik-tempe"}),
    Row("storefront:category", shape(404), kwargs={"path": "tidak-ada"}),
    Row("storefront:product", PUBLIC, kwargs=product),
    Row("storefront:product", shape(405), kwargs=product, method="POST"),
    Row("storefront:buy", PUBLIC, kwargs=product),
    Row("storefront:shops", PUBLIC),
    Row("storefront:shop", PUBLIC, kwargs=lambda scene: {"slug": scene.vendor.slug}),
    Row("search:results", PUBLIC),
    Row("search:results", shape(405), method="POST"),
    Row("search:suggest", PUBLIC, data={"q": "kripik"}),
    Row("search_insight:count", shape(204), method="POST", data=seen),
    Row("search_insight:count", shape(400), method="POST"),
    Row("search_insight:count", shape(405)),
    Row("cms:theme", PUBLIC),
    Row("cms:robots", PUBLIC),
    Row("cms:sitemaps", PUBLIC),
    Row("cms:sitemap", PUBLIC, kwargs={"section": "produk"}),
    Row("cms:sitemap", shape(404), kwargs={"section": "rahasia"}),
    Row("product_chooser:choose", IN_ADMIN),
    Row("product_chooser:choose_results", IN_ADMIN),
    Row("product_chooser:chosen", IN_ADMIN, kwargs=lambda scene: chosen(scene.product.pk)),
    Row("product_chooser:chosen_multiple", IN_ADMIN),
    Row("vendor_chooser:choose", IN_ADMIN),
    Row("vendor_chooser:choose_results", IN_ADMIN),
    Row("vendor_chooser:chosen", IN_ADMIN, kwargs=lambda scene: chosen(scene.vendor.pk)),
    Row("vendor_chooser:chosen_multiple", IN_ADMIN),
    Row("product_chooser:create", REFUSED),
    Row("vendor_chooser:create", REFUSED),
    Row("search_admin:try", IN_ADMIN_OWN, data={"q": "kripik"}),
    Row("search_admin:try_results", IN_ADMIN_OWN, data={"q": "kripik"}),
    # Officers know what people call things, editors and operators, too.
    *(
        Row(f"wagtailsnippets_search_{model}:{view}", IN_ADMIN)
        for model in ("synonymgroup", "lexiconword", "pinnedresult")
        for view in ("list", "list_results", "add")
    ),
    *(
        Row(f"wagtailsnippets_search_{model}:{view}", IN_ADMIN, kwargs=find)
        for model, find in (("synonymgroup", synonym), ("lexiconword", word), ("pinnedresult", pin))
        for view in ("edit", "delete", "usage", "history", "history_results")
    ),
]
