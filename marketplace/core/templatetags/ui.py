"""The tags and filters of the site's own pages; a template engine builtin, so that no page loads it.

`{% icon %}` `{% field %}` `{% error_summary %}` `{% stylesheets %}` `{% scripts %}` `{% site_path %}` `{% current %}`
`{% alternates %}` `{% language_switch %}` `{% site_identity %}` `{% rupiah_range %}`, and the filters rupiah,
localdate, number, rating, file_size, initials, keep_together, paired_with, page_numbers.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from html import escape as escape_html
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.template.base import FilterExpression, Parser, Token
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from marketplace.core import assets
from marketplace.core.dates import format_local_date
from marketplace.core.everyday import hours_words, seller_words
from marketplace.core.form_fields import field_context, summary_items
from marketplace.core.icons import UnknownIcon, render_icon
from marketplace.core.money import format_rupiah

register = template.Library()


# --- icons -------------------------------------------------------------------------------------------------------
def _is_literal(expression: FilterExpression) -> bool:
    variable = expression.var
    return not expression.filters and (not isinstance(variable, template.Variable) or variable.literal is not None)


class IconNode(template.Node):
    """An icon whose arguments are known when the template is compiled is drawn once; others are drawn per use."""

    def __init__(self, name: FilterExpression, options: Mapping[str, FilterExpression]) -> None:
        self.name = name
        self.options = options
        self.drawing: SafeString | None = None
        # A label may be translated, so it waits for the language of the page.
        if "label" not in options and all(_is_literal(each) for each in (name, *options.values())):
            try:
                self.drawing = self._draw(template.Context())
            except UnknownIcon as error:
                raise template.TemplateSyntaxError(str(error)) from error

    def _draw(self, context: template.Context) -> SafeString:
        values = {key: expression.resolve(context) for key, expression in self.options.items()}
        return render_icon(
            str(self.name.resolve(context)),
            size=int(values.get("size", 24)),
            weight=str(values.get("weight", "")),
            label=str(values.get("label", "")),
            css_class=str(values.get("class", "")),
        )

    def render(self, context: template.Context) -> SafeString:
        return self.drawing if self.drawing is not None else self._draw(context)


@register.tag
def icon(parser: Parser, token: Token) -> IconNode:
    """`{% icon "basket" size=20 weight="bold" label=_("Basket") class="star" %}`; see render_icon()."""
    _name, *bits = token.split_contents()
    if not bits:
        raise template.TemplateSyntaxError("icon needs a name")
    options = {}
    for bit in bits[1:]:
        key, separator, value = bit.partition("=")
        if not separator or key not in ("size", "weight", "label", "class"):
            raise template.TemplateSyntaxError(f"icon does not take “{bit}”")
        options[key] = parser.compile_filter(value)
    return IconNode(parser.compile_filter(bits[0]), options)


# --- money, numbers, dates, words --------------------------------------------------------------------------------
_rupiah = lru_cache(maxsize=16_384)(format_rupiah)


@register.filter
def rupiah(amount: int | str | None) -> str:
    """`15000` → `Rp15.000`; nothing for None."""
    return "" if amount is None or amount == "" else _rupiah(int(amount))


@register.simple_tag
def rupiah_range(lowest: int, highest: int) -> SafeString | str:
    """One price, or “from” the lowest when variants differ."""
    if lowest == highest:
        return rupiah(lowest)
    return format_html('<small class="price__from">{}</small> {}', _("from"), rupiah(lowest))


@register.filter
def localdate(value: Any, style: str = "short") -> str:
    """A date in the language of the page; see format_local_date() for the styles. Nothing for an empty value."""
    return format_local_date(value, style) if value else ""


@register.filter
def number(value: int | str | None) -> str:
    """`1120` → `1.120` in Indonesian, `1,120` in English."""
    if value is None or value == "":
        return ""
    return _grouped(int(value), _thousands())


@register.filter
def rating(value: Any) -> str:
    """`4.9` → `4,9` in Indonesian, one decimal place."""
    if value is None or value == "":
        return ""
    text = f"{float(value):.1f}"
    return text if _is_english() else text.replace(".", ",")


@register.filter
def file_size(size: int | None) -> str:
    """A number of bytes as kB or MB, with the number and unit kept together."""
    if not size:
        return ""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))}\u00a0kB"
    return f"{rating(size / 1_000_000)}\u00a0MB"


@register.filter
def initials(name: str) -> str:
    """The two letters that stand for a shop or person without a picture: `Dapur Tempe Ngalup` → `DN`."""
    words = [word for word in str(name).split() if word[:1].isalnum()]
    if not words:
        return ""
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


# Short words of sellers, in English for its readers: the label of a variant, opening hours.
register.filter("seller_words", seller_words)
register.filter("hours_words", hours_words)


@register.filter
def keep_together(text: str) -> str:
    """The text with non-breaking spaces, for a number and its unit."""
    return str(text).replace(" ", "\u00a0")


@register.filter
def paired_with(columns: Iterable[Any], row: Iterable[Any]) -> list[tuple[Any, Any]]:
    """The columns of a table beside the cells of one row."""
    return list(zip(columns, row, strict=True))


@register.filter
def page_numbers(page: Page) -> Iterator[int | str]:
    """The numbers to show under a list, with an ellipsis for what is left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


def _thousands() -> str:
    """The mark between the thousands, in the active language."""
    return "," if _is_english() else "."


def _grouped(value: int, mark: str) -> str:
    return f"{value:,}".replace(",", mark)


def _is_english() -> bool:
    return (get_language() or settings.LANGUAGE_CODE).startswith("en")


# --- filters -----------------------------------------------------------------------------------------------------
_slug = lru_cache(maxsize=4096)(slugify)


@register.simple_tag
def facet_choices(choices: Iterable[Any]) -> SafeString:
    """The choices of one filter, for components/facet.html: written here, since a list of products has some fifty."""
    mark = _thousands()
    return mark_safe("".join(_facet_choice(choice, mark) for choice in choices))  # noqa: S308  each value is escaped


def _facet_choice(choice: Any, mark: str) -> str:
    css_class = "check check--sub" if choice.is_sub else "check"
    state = " checked" if choice.is_checked else "" if choice.count else " disabled"
    # The standard library's escape(): Django's looks for lazy texts first, which takes longer than the escaping.
    name, value = escape_html(choice.name), escape_html(choice.value)
    return (
        f'<li><label class="{css_class}"><input type="checkbox" id="{name}-{_slug(choice.value)}" name="{name}" '
        f'value="{value}"{state}><span>{escape_html(choice.label)}</span>'
        f'<span class="facet__count">{_grouped(choice.count, mark)}</span></label></li>'
    )


@register.simple_tag
def facet_bands(bands: Iterable[Any], action: str) -> SafeString:
    """The ranges of a filter to choose at a touch, for components/facet.html.

    Arguments:
        bands: each with label, count, is_chosen and the query that chooses it.
        action: the address that the queries are asked at.
    """
    mark = _thousands()
    drawn = []
    for band in bands:
        css_class, state = ("chip chip--selected", ' aria-current="true"') if band.is_chosen else ("chip", "")
        address = escape_html(action + band.query.query_string())
        drawn.append(
            f'<li><a class="{css_class}" href="{address}" rel="nofollow"{state}>'
            f'{escape_html(band.label)} <span class="muted">{_grouped(band.count, mark)}</span></a></li>'
        )
    return mark_safe("".join(drawn))  # noqa: S308  each value is escaped


@register.simple_tag
def hidden_inputs(pairs: Iterable[tuple[str, str]]) -> SafeString:
    """Fields that a form sends along unseen."""
    return mark_safe(  # noqa: S308  each value is escaped
        "".join(
            f'<input type="hidden" name="{escape_html(name)}" value="{escape_html(value)}">' for name, value in pairs
        )
    )


# --- forms -------------------------------------------------------------------------------------------------------
@register.simple_tag
def field(
    bound_field: BoundField,
    label: str = "",
    hint: str = "",
    prefix: str = "",
    suffix: str = "",
    wide: bool = False,
    hide_label: bool = False,
    **attrs: Any,
) -> SafeString:
    """A form field in the site's look: label, hint, error with its cure, and the widget.

    Arguments:
        label, hint: instead of the form's own.
        prefix, suffix: a unit inside the field's edge (`Rp`, `gram`).
        wide: as wide as its column, not the usual 440 pixels.
        hide_label: the label is for screen readers only.
        attrs: attributes of the widget; underscores become hyphens (`data_upload="photo"`).
    """
    context = field_context(bound_field, label=label, hint=hint, attrs=attrs)
    context |= {"prefix": prefix, "suffix": suffix, "wide": wide, "hide_label": hide_label}
    return SafeString(get_template("components/field.html").render(context))


@register.simple_tag
def error_summary(*forms_or_sets: Any) -> SafeString | str:
    """The box above a form that lists what to mend and links to the fields; nothing while there are no errors."""
    items = summary_items(forms_or_sets)
    if not items:
        return ""
    return SafeString(get_template("components/error_summary.html").render({"items": items}))


# --- the page's frame --------------------------------------------------------------------------------------------
def _style_links(names: list[str]) -> SafeString:
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((static(name),) for name in names))


def _script_links(names: list[str]) -> SafeString:
    return format_html_join("\n", '<script type="module" src="{}"></script>', ((static(name),) for name in names))


@register.simple_tag
def stylesheets() -> SafeString:
    """The links to the stylesheets: each file while developing, otherwise the one that collectstatic joined."""
    return _style_links(assets.stylesheet_names() if settings.DEBUG else [assets.STYLE_BUNDLE])


@register.simple_tag
def scripts() -> SafeString:
    """The page's own modules, in the same way."""
    return _script_links(assets.script_names() if settings.DEBUG else [assets.SCRIPT_BUNDLE])


def _prefix_of(language: str) -> str:
    return "/" if language == settings.LANGUAGE_CODE else f"/{language}/"


def bare_path(path: str) -> str:
    """A path without its language prefix: `/en/cari/` → `cari/`."""
    for code, _name in settings.LANGUAGES:
        if code != settings.LANGUAGE_CODE and (path == f"/{code}" or path.startswith(f"/{code}/")):
            return path[len(code) + 2 :]
    return path.lstrip("/")


@register.simple_tag
def site_path(path: str = "") -> str:
    """One of the site's fixed addresses in the language of the page: `{% site_path "cari/" %}` → `/en/cari/`."""
    return _prefix_of(get_language() or settings.LANGUAGE_CODE) + path


@register.simple_tag(takes_context=True)
def current(context: template.Context, path: str = "", exact: bool = False) -> SafeString | str:
    """`aria-current="page"` when the page stands at or below the fixed address `path`."""
    request = context.get("request")
    if request is None:
        return ""
    here = bare_path(request.path)
    is_here = here == path if exact or not path else here.startswith(path)
    return mark_safe(' aria-current="page"') if is_here else ""


@register.simple_tag(takes_context=True)
def language_switch(context: template.Context) -> dict[str, str]:
    """The other language and the same page in it: code, name, url, and the code of the present one."""
    present = get_language() or settings.LANGUAGE_CODE
    code, name = next((code, name) for code, name in settings.LANGUAGES if code != present)
    request = context.get("request")
    path, separator, query = (request.get_full_path() if request else "/").partition("?")
    url = _prefix_of(code) + bare_path(path) + separator + query
    return {"code": code, "name": name, "present": present, "url": url}


@register.simple_tag(takes_context=True)
def alternates(context: template.Context) -> SafeString | str:
    """`hreflang` links to this page in each language, Indonesian as the default."""
    request = context.get("request")
    if request is None:
        return ""
    bare = bare_path(request.path)
    origin = f"{request.scheme}://{request.get_host()}"
    addresses = [(code, origin + _prefix_of(code) + bare) for code, _name in settings.LANGUAGES]
    addresses.append(("x-default", origin + _prefix_of(settings.LANGUAGE_CODE) + bare))
    return format_html_join("\n", '<link rel="alternate" hreflang="{}" href="{}">', addresses)


@register.simple_tag(takes_context=True)
def site_identity(context: template.Context) -> Mapping[str, Any]:
    """Name, logo, tagline and links of the site.

    The editors' own settings when a context processor gives them as `site_identity` (keys name, logo_url, tagline,
    address, phone, email, complaint_url, theme_url, header_links, footer_columns); what is not given comes from the
    settings file and the base template.
    """
    given = context.get("site_identity") or {}
    return {"name": settings.SITE_NAME, **{key: value for key, value in given.items() if value}}
