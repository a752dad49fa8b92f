"""The pieces that editors put pages together from. Each reads what it shows when the page is drawn, in few queries."""

from functools import lru_cache
from typing import Any

from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from cms.choosers import ProductChooserBlock, VendorChooserBlock
from cms.links import link_url, localised, validate_address
from marketplace.storefront import selectors, sellers
from search.places import category_tree

RICH_TEXT = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "blockquote", "image"]
ICONS = [
    ("tag", _("price tag")), ("hourglass", _("hourglass")), ("storefront", _("shop")), ("moped", _("moped")),
    ("truck", _("lorry")), ("seal-check", _("seal with a tick")), ("gift", _("gift")),
    ("hand-coins", _("hand with coins")), ("lifebuoy", _("lifebuoy")), ("leaf", _("leaf")), ("star", _("star")),
    ("map-pin", _("pin")), ("heart", _("heart")), ("wallet", _("wallet")), ("users-three", _("people")),
    ("shield-check", _("shield")),
]  # fmt: skip
DRAWINGS = [
    ("jendela", _("window in Kayutangan")), ("lampu", _("lamp")), ("kain", _("cloth")), ("panduan", _("guide")),
    ("kartupos", _("postcard")),
]  # fmt: skip


def category_choices() -> list[tuple[str, str]]:
    """Every category for a select, those below others indented."""
    return [(node.path, f"{'– ' * (node.depth - 1)}{node.label}") for node in category_tree()]


class PlainChoiceBlock(blocks.ChoiceBlock):
    """A choice whose stored value is taken as it is: to look it up among all choices for every page is dear."""

    def normalize_choice(self, value: Any) -> Any:
        return value


class _OnlyWhatIsChosen:
    """Chooser blocks that ask the database nothing when nothing is chosen."""

    def bulk_to_python(self, values: list[Any]) -> list[Any]:
        if not any(values):
            return [None] * len(values)
        return super().bulk_to_python(values)  # type: ignore[misc]


class PageBlock(_OnlyWhatIsChosen, blocks.PageChooserBlock):
    pass


class ImageBlock(_OnlyWhatIsChosen, ImageChooserBlock):
    pass


class ProductBlock(_OnlyWhatIsChosen, ProductChooserBlock):
    pass


class VendorBlock(_OnlyWhatIsChosen, VendorChooserBlock):
    pass


class AddressBlock(blocks.CharBlock):
    """An address that is safe to link to."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("or an address"))
        kwargs.setdefault("help_text", _("For example /cari/?tahan=30 or https://…"))
        super().__init__(required=False, max_length=255, validators=[validate_address], **kwargs)


class LinkValue(blocks.StructValue):
    @property
    def url(self) -> str:
        """Where it leads, in the active language."""
        return link_url(self.get("page"), self.get("address") or "")


class LinkBlock(blocks.StructBlock):
    label = blocks.CharBlock(label=_("words"), max_length=80)
    page = PageBlock(label=_("page"), required=False)
    address = AddressBlock()

    class Meta:
        value_class = LinkValue
        icon = "link"
        label = _("link")


class IntentBlock(LinkBlock):
    icon = PlainChoiceBlock(label=_("drawing"), choices=ICONS, default="tag")


class IntentsBlock(blocks.StructBlock):
    """Short ways to what people come for, as chips under the head of the page."""

    intents = blocks.ListBlock(IntentBlock(), label=_("ways"), max_num=8)

    class Meta:
        template = "cms/blocks/intents.html"
        icon = "tag"
        label = _("quick ways")


@lru_cache(maxsize=64)
def _category_tiles(*cards: selectors.CategoryCard) -> str:
    """The tiles, drawn once for what they show; the addresses in them tell the language."""
    return get_template("cms/blocks/category_tiles.html").render({"cards": cards})


class CategoriesBlock(blocks.StructBlock):
    """The top categories as tiles, with how much there is in each."""

    heading = blocks.CharBlock(label=_("heading"), max_length=80)

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        return {**super().get_context(value, parent_context), "tiles": _category_tiles(*selectors.category_cards())}

    class Meta:
        template = "cms/blocks/categories.html"
        icon = "list-ul"
        label = _("categories")


class ProductsBlock(blocks.StructBlock):
    """Products, chosen one by one or by a rule that keeps itself up to date."""

    RULES = [
        ("newest", _("the newest")), ("popular", _("bought most often")), ("chosen", _("these, chosen one by one")),
    ]  # fmt: skip
    heading = blocks.CharBlock(label=_("heading"), max_length=80)
    rule = PlainChoiceBlock(label=_("which"), choices=RULES, default="newest")
    category = PlainChoiceBlock(label=_("only of this category"), choices=category_choices, required=False)
    chosen = blocks.ListBlock(ProductBlock(), label=_("chosen products"), default=[], max_num=12)
    count = blocks.IntegerBlock(label=_("how many"), default=5, min_value=2, max_value=12)

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        category, count = value.get("category") or "", value.get("count") or 5
        if value["rule"] == "chosen":
            context["listings"] = selectors.listings_by_id([product.pk for product in value["chosen"] if product])[
                :count
            ]
        elif value["rule"] == "popular":
            context["listings"] = selectors.popular_listings(limit=count, scope=category)
        else:
            context["listings"] = selectors.newest_listings(limit=count, scope=category)
        if category:
            context["more_url"] = reverse("storefront:category", kwargs={"path": category})
        elif value["rule"] != "chosen":
            context["more_url"] = reverse("search:results") + ("?urut=baru" if value["rule"] == "newest" else "")
        return context

    class Meta:
        template = "cms/blocks/products.html"
        icon = "pick"
        label = _("products")


class ShopsBlock(blocks.StructBlock):
    """Shops, chosen one by one, or the newest."""

    heading = blocks.CharBlock(label=_("heading"), max_length=80)
    chosen = blocks.ListBlock(VendorBlock(), label=_("chosen shops; none means the newest"), default=[], max_num=9)
    count = blocks.IntegerBlock(label=_("how many"), default=3, min_value=1, max_value=9)

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        ids = [vendor.pk for vendor in value["chosen"] if vendor]
        context["cards"] = sellers.chosen_shop_cards(ids=ids, limit=value.get("count") or 3)
        return context

    class Meta:
        template = "cms/blocks/shops.html"
        icon = "group"
        label = _("shops")


class SignBlock(blocks.StructBlock):
    name = blocks.CharBlock(label=_("place"), max_length=40)
    craft = blocks.CharBlock(label=_("what it is known for"), max_length=60)
    category = PlainChoiceBlock(
        label=_("category it leads to"),
        choices=category_choices,
        required=False,
        help_text=_("Its picture comes from there."),
    )
    address = AddressBlock()
    picture = ImageBlock(label=_("own picture"), required=False)

    class Meta:
        icon = "site"
        label = _("sign")


class SignsBlock(blocks.StructBlock):
    """Craft centres as enamel signs."""

    heading = blocks.CharBlock(label=_("heading"), max_length=80)
    signs = blocks.ListBlock(SignBlock(), label=_("signs"), max_num=12)
    more = LinkBlock(label=_("link beside the heading"), required=False)

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        paths = [sign["category"] for sign in value["signs"] if sign["category"] and not sign["picture"]]
        pictures = selectors.pictures_by_category(paths)
        context["signs"] = [_sign(sign, pictures) for sign in value["signs"]]
        return context

    class Meta:
        template = "cms/blocks/signs.html"
        icon = "site"
        label = _("craft centres")


def _sign(sign: Any, pictures: dict[str, str]) -> dict[str, str]:
    if sign["address"]:
        url = localised(sign["address"])
    elif sign["category"]:
        url = reverse("storefront:category", kwargs={"path": sign["category"]})
    else:
        url = reverse("search:results")
    picture = sign["picture"]
    if picture:
        picture_url = picture.get_rendition("fill-480x360|format-webp").url
    else:
        picture_url = pictures.get(sign["category"] or "") or static("lapak/art/t-bunga.svg")
    return {"name": sign["name"], "craft": sign["craft"], "url": url, "picture_url": picture_url}


class StoryBandBlock(blocks.StructBlock):
    """A story over the whole width of the page."""

    eyebrow = blocks.CharBlock(label=_("small heading"), max_length=60)
    quote = blocks.CharBlock(label=_("sentence"), max_length=160)
    text = blocks.TextBlock(label=_("text"), max_length=300, rows=3)
    link = LinkBlock(required=False)
    picture = ImageBlock(label=_("picture"), required=False)
    drawing = PlainChoiceBlock(label=_("or one of the site's drawings"), choices=DRAWINGS, default="jendela")
    picture_alt = blocks.CharBlock(label=_("what the picture shows"), max_length=160, required=False)

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        if value["picture"]:
            context["picture_url"] = value["picture"].get_rendition("fill-1280x1200|format-webp").url
        else:
            context["picture_url"] = static(f"lapak/art/{value['drawing'] or 'jendela'}.svg")
        return context

    class Meta:
        template = "cms/blocks/story_band.html"
        icon = "openquote"
        label = _("story band")


class ReasonBlock(blocks.StructBlock):
    icon = PlainChoiceBlock(label=_("drawing"), choices=ICONS, default="seal-check")
    title = blocks.CharBlock(label=_("heading"), max_length=80)
    text = blocks.TextBlock(label=_("text"), max_length=240, rows=3)

    class Meta:
        icon = "tick"
        label = _("reason")


class ReasonsBlock(blocks.StructBlock):
    """Why one may trust the site."""

    heading = blocks.CharBlock(label=_("heading"), max_length=80)
    reasons = blocks.ListBlock(ReasonBlock(), label=_("reasons"), max_num=6)

    class Meta:
        template = "cms/blocks/reasons.html"
        icon = "tick-inverse"
        label = _("reassurance")


class InvitationBlock(blocks.StructBlock):
    """One thing to do, with its steps and one button."""

    heading = blocks.CharBlock(label=_("heading"), max_length=80)
    steps = blocks.ListBlock(blocks.CharBlock(max_length=60), label=_("steps"), default=[], max_num=5)
    link = LinkBlock(label=_("button"))

    class Meta:
        template = "cms/blocks/invitation.html"
        icon = "pick"
        label = _("invitation")


class PictureBlock(blocks.StructBlock):
    image = ImageBlock(label=_("picture"))
    alt = blocks.CharBlock(label=_("what the picture shows"), max_length=200)
    caption = blocks.CharBlock(label=_("caption"), max_length=200, required=False)

    class Meta:
        template = "cms/blocks/picture.html"
        icon = "image"
        label = _("picture")


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("words"), rows=2)
    source = blocks.CharBlock(label=_("whose words"), max_length=120, required=False)

    class Meta:
        template = "cms/blocks/quote.html"
        icon = "openquote"
        label = _("quotation")


class TextBlock(blocks.RichTextBlock):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("features", RICH_TEXT)
        super().__init__(**kwargs)

    class Meta:
        template = "cms/blocks/text.html"
        icon = "doc-full"
        label = _("text")


class FrontStream(blocks.StreamBlock):
    """Home and landing pages."""

    intents = IntentsBlock()
    categories = CategoriesBlock()
    products = ProductsBlock()
    shops = ShopsBlock()
    signs = SignsBlock()
    story_band = StoryBandBlock()
    reasons = ReasonsBlock()
    invitation = InvitationBlock()
    text = TextBlock()


class ArticleStream(blocks.StreamBlock):
    """Articles and stories."""

    text = TextBlock()
    picture = PictureBlock()
    quote = QuoteBlock()
    products = ProductsBlock()
    shops = ShopsBlock()
    categories = CategoriesBlock()
    invitation = InvitationBlock()


class BilingualLinkBlock(blocks.StructBlock):
    """A link of header and footer, which both languages share."""

    label = blocks.CharBlock(label=_("words"), max_length=60)
    label_en = blocks.CharBlock(label=_("English words"), max_length=60, required=False)
    page = PageBlock(label=_("page"), required=False)
    address = AddressBlock()

    class Meta:
        value_class = LinkValue
        icon = "link"
        label = _("link")


class HeaderLinks(blocks.StreamBlock):
    link = BilingualLinkBlock()


class NavigationColumnBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("heading"), max_length=40)
    title_en = blocks.CharBlock(label=_("English heading"), max_length=40, required=False)
    links = blocks.ListBlock(BilingualLinkBlock(), label=_("links"), max_num=8)

    class Meta:
        icon = "list-ul"
        label = _("column")


class FooterColumns(blocks.StreamBlock):
    column = NavigationColumnBlock()
