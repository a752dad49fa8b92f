"""Pages that editors write, and what the whole site says of itself: name, logo, contacts, colours, navigation."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.forms.models import AbstractEmailForm, AbstractFormField
from wagtail.contrib.forms.panels import FormSubmissionsPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import RichTextField, StreamField
from wagtail.images import get_image_model_string
from wagtail.models import Page, PageViewRestriction

from cms.blocks import ArticleStream, FooterColumns, FrontStream, HeaderLinks
from cms.colours import MIN_TEXT_CONTRAST, contrast
from cms.links import link_url, localised, validate_address
from marketplace.core import pagecache
from marketplace.core.ratelimit import throttle
from marketplace.storefront import selectors

HOME_DEPTH = 2
ARTICLE_FEATURES = ["bold", "italic", "link"]


class SitePage(Page):
    """What all pages have in common: kept for everyone who is not signed in, until something on them changes."""

    # A page that only some may see must not be kept for all; the site has none.
    private_page_options: list[str] = []

    class Meta:
        abstract = True

    def get_view_restrictions(self) -> models.QuerySet[PageViewRestriction]:
        """None: every page is for everyone, so that nobody has to ask for each page who may see it."""
        return PageViewRestriction.objects.none()

    def save(self, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            result = super().save(*args, **kwargs)
            pagecache.bump(pagecache.CONTENT)
        return result

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            result = super().delete(*args, **kwargs)
            pagecache.bump(pagecache.CONTENT)
        return result

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().serve(request, *args, **kwargs)
        if getattr(request, "is_preview", False):
            return response
        return pagecache.mark(response, pagecache.CONTENT, pagecache.CATALOGUE)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["canonical"] = request.build_absolute_uri(request.path)
        if hasattr(self, "body"):
            context["body"] = self._blocks(request)
        return context

    def _blocks(self, request: HttpRequest) -> list[Any]:
        """The blocks of the page as published: read from their JSON once for as long as the content stands."""
        if getattr(request, "is_preview", False):
            return list(self.body)
        return pagecache.remember(
            f"body:{self.pk}", pagecache.CONTENT, lambda: list(self.body), seconds=300, is_shared=False
        )

    def breadcrumbs(self) -> list[dict[str, str]]:
        """The way to this page, from the home page down."""
        above = self.get_ancestors().filter(depth__gte=2).live()
        way = [
            {"label": page.title if page.depth > HOME_DEPTH else str(_("Home")), "url": page.get_url()}
            for page in above
        ]
        return [*way, {"label": self.title, "url": ""}]


class HomePage(SitePage):
    """The front of the site."""

    hero_title = models.CharField(_("promise"), max_length=90)
    hero_text = models.TextField(
        _("text below the promise"),
        max_length=240,
        help_text=_("{shops} and {products} stand for the present numbers."),
    )
    hero_label = models.CharField(
        _("words on the button"), max_length=40, help_text=_("{products} stands for the present number.")
    )
    hero_address = models.CharField(
        _("where the button leads"), max_length=255, default="/cari/", validators=[validate_address]
    )
    body = StreamField(FrontStream(), verbose_name=_("content"), blank=True)

    template = "cms/home.html"
    parent_page_types = ["wagtailcore.Page"]
    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [FieldPanel("hero_title"), FieldPanel("hero_text"), FieldPanel("hero_label"), FieldPanel("hero_address")],
            heading=_("Head of the page"),
        ),
        FieldPanel("body"),
    ]

    class Meta:
        verbose_name = _("home page")
        verbose_name_plural = _("home pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        products, shops = selectors.site_totals()
        context["hero"] = {
            "title": self.hero_title,
            "text": _filled(self.hero_text, products, shops),
            "label": _filled(self.hero_label, products, shops),
            "url": localised(self.hero_address),
            "products": selectors.varied_listings(limit=6),
        }
        return context


def _filled(text: str, products: int, shops: int) -> str:
    return text.replace("{products}", str(products)).replace("{shops}", str(shops))


class LandingPage(SitePage):
    """A page for an occasion, a place or a theme, put together from blocks."""

    introduction = models.TextField(_("introduction"), max_length=300, blank=True)
    body = StreamField(FrontStream(), verbose_name=_("content"), blank=True)

    template = "cms/landing.html"
    content_panels = [*Page.content_panels, FieldPanel("introduction"), FieldPanel("body")]

    class Meta:
        verbose_name = _("landing page")
        verbose_name_plural = _("landing pages")


class ArticlePage(SitePage):
    """Plain text with pictures: help, terms, news."""

    introduction = models.TextField(_("introduction"), max_length=300, blank=True)
    body = StreamField(ArticleStream(), verbose_name=_("content"), blank=True)

    template = "cms/article.html"
    content_panels = [*Page.content_panels, FieldPanel("introduction"), FieldPanel("body")]

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")


class StoryIndexPage(SitePage):
    """All stories, the newest first."""

    introduction = models.TextField(_("introduction"), max_length=300, blank=True)

    template = "cms/story_index.html"
    subpage_types = ["cms.StoryPage"]
    content_panels = [*Page.content_panels, FieldPanel("introduction")]

    class Meta:
        verbose_name = _("list of stories")
        verbose_name_plural = _("lists of stories")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["stories"] = (
            StoryPage.objects.child_of(self).live().select_related("cover").order_by("-first_published_at", "-pk")[:48]
        )
        return context


class StoryPage(SitePage):
    """The story of a maker, a craft or a quarter."""

    place = models.CharField(
        _("small heading"), max_length=60, blank=True, help_text=_("For example: Cerita dari Sanan")
    )
    introduction = models.TextField(_("introduction"), max_length=300)
    cover = models.ForeignKey(
        get_image_model_string(), models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    cover_alt = models.CharField(_("what the picture shows"), max_length=160, blank=True)
    body = StreamField(ArticleStream(), verbose_name=_("content"), blank=True)

    template = "cms/story.html"
    parent_page_types = ["cms.StoryIndexPage"]
    subpage_types: list[str] = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("place"),
        FieldPanel("introduction"),
        FieldRowPanel([FieldPanel("cover"), FieldPanel("cover_alt")]),
        FieldPanel("body"),
    ]

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")


class FormField(AbstractFormField):
    page = ParentalKey("cms.FormPage", on_delete=models.CASCADE, related_name="form_fields")


class FormPage(AbstractEmailForm):
    """A page with a form, such as the one for complaints. Its answers are kept in the admin and mailed."""

    introduction = RichTextField(_("introduction"), features=ARTICLE_FEATURES, blank=True)
    thanks = RichTextField(_("text after sending"), features=ARTICLE_FEATURES, blank=True)

    template = "cms/form.html"
    landing_page_template = "cms/form_sent.html"
    content_panels = [
        FormSubmissionsPanel(),
        *AbstractEmailForm.content_panels,
        FieldPanel("introduction"),
        InlinePanel("form_fields", heading=_("Fields"), label=_("field")),
        FieldPanel("thanks"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("from_address"), FieldPanel("to_address")]), FieldPanel("subject")],
            heading=_("Mail"),
        ),
    ]

    class Meta:
        verbose_name = _("page with a form")
        verbose_name_plural = _("pages with a form")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return throttle("contact", rate="5/h")(super().serve)(request, *args, **kwargs)


# --- the site as a whole -----------------------------------------------------------------------------------------
_COLOUR = RegexValidator(r"^#[0-9A-Fa-f]{6}$", _("Write the colour as # and six digits, for example #27409A."))


class _Setting(BaseGenericSetting):
    class Meta:
        abstract = True

    @classmethod
    def current(cls) -> Any:
        """The setting as saved, or as it comes; unlike load() it writes nothing, so that reading a page never does."""
        return cls.objects.first() or cls()

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.bump(pagecache.CONTENT)


@register_setting(icon="site", order=100)
class SiteIdentity(_Setting):
    """Name, logo, contacts and colour of the site. What is left empty keeps the look that the product comes with."""

    name = models.CharField(_("name of the site"), max_length=60, blank=True)
    logo = models.ForeignKey(
        get_image_model_string(), models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("logo")
    )
    tagline = models.CharField(_("sentence in the footer"), max_length=240, blank=True)
    tagline_en = models.CharField(_("the same in English"), max_length=240, blank=True)
    email = models.EmailField(_("email address"), blank=True)
    phone = models.CharField(_("telephone or WhatsApp"), max_length=30, blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)
    complaint_address = models.CharField(
        _("where complaints go"), max_length=255, blank=True, default="/pengaduan/", validators=[validate_address]
    )
    accent = models.CharField(
        _("colour of links and buttons"),
        max_length=7,
        blank=True,
        validators=[_COLOUR],
        help_text=_("Dark enough to read on white."),
    )
    accent_dark = models.CharField(
        _("the same for dark screens"),
        max_length=7,
        blank=True,
        validators=[_COLOUR],
        help_text=_("Light enough to read on dark blue."),
    )

    panels = [
        MultiFieldPanel(
            [FieldPanel("name"), FieldPanel("logo"), FieldPanel("tagline"), FieldPanel("tagline_en")], _("Name")
        ),
        MultiFieldPanel(
            [FieldPanel("email"), FieldPanel("phone"), FieldPanel("address"), FieldPanel("complaint_address")],
            _("Contact"),
        ),
        MultiFieldPanel([FieldRowPanel([FieldPanel("accent"), FieldPanel("accent_dark")])], _("Colour")),
    ]

    class Meta:
        verbose_name = _("name, logo and contact")

    def clean(self) -> None:
        super().clean()
        too_weak = _("This colour is too weak to read. Choose one with more contrast.")
        grounds = {"accent": ("#FFFFFF", "#FBF9F6", "#F3EFE8"), "accent_dark": ("#11132A", "#1A1D3B", "#0B0D1F")}
        errors = {
            field: too_weak
            for field, against in grounds.items()
            if getattr(self, field)
            and min(contrast(getattr(self, field), ground) for ground in against) < MIN_TEXT_CONTRAST
        }
        if errors:
            raise ValidationError(errors)


@register_setting(icon="list-ul", order=110)
class Navigation(_Setting):
    """The links of header and footer."""

    header_links = StreamField(HeaderLinks(), verbose_name=_("header"), blank=True, max_num=5)
    footer_columns = StreamField(FooterColumns(), verbose_name=_("footer"), blank=True, max_num=3)

    panels = [FieldPanel("header_links"), FieldPanel("footer_columns")]

    class Meta:
        verbose_name = _("navigation")

    def links(self, *, english: bool) -> dict[str, Any]:
        """Header and footer as the templates take them, in one language."""

        def words(value: Any, name: str) -> str:
            return value.get(f"{name}_en") or value[name] if english else value[name]

        def link(value: Any) -> dict[str, str]:
            return {"label": words(value, "label"), "url": link_url(value.get("page"), value.get("address") or "")}

        return {
            "header_links": [link(block.value) for block in self.header_links],
            "footer_columns": [
                {"title": words(block.value, "title"), "links": [link(one) for one in block.value["links"]]}
                for block in self.footer_columns
            ],
        }
