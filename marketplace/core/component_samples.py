"""What the page of components is filled with: names and figures of no real shop."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.core.widgets import OptionCards, OptionDetail


class SampleForm(forms.Form):
    """One field of each kind."""

    phone = forms.CharField(label=_("WhatsApp number"), help_text=_("The courier uses it to reach you."))
    postcode = forms.RegexField(
        r"^\d{5}$",
        label=_("Postcode"),
        error_messages={"invalid": _("A postcode has 5 digits, for example 65119.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
    )
    price = forms.IntegerField(label=_("Price"), required=False)
    secret = forms.CharField(label=_("Password"), widget=forms.PasswordInput)
    district = forms.ChoiceField(label=_("District"), choices=[("klojen", "Klojen"), ("lowokwaru", "Lowokwaru")])
    story = forms.CharField(label=_("Your story"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    delivery = forms.ChoiceField(
        label=_("How it reaches you"),
        choices=[
            ("courier", _("The shop's courier")),
            ("pickup", _("Pick up in Sanan")),
            ("cod", _("Pay on delivery")),
        ],
        initial="courier",
        widget=OptionCards(
            details={
                "courier": OptionDetail(price="Rp8.000", note=_("Arrives tomorrow")),
                "pickup": OptionDetail(price=_("Free"), note=_("Ready today at 15.00")),
                "cod": OptionDetail(disabled_reason=_("Keramik Tanah Genggam does not offer this yet")),
            }
        ),
    )
    kinds = forms.MultipleChoiceField(
        label=_("What do you make?"),
        choices=[("food", _("Food")), ("craft", _("Craft"))],
        widget=forms.CheckboxSelectMultiple,
    )
    photo = forms.FileField(label=_("Photo"), help_text=_("Up to 15 MB; we make it smaller."), required=False)
    consent = forms.BooleanField(label=_("I agree that the department reads these papers."))


def _listing(name: str, picture: str, **changes: Any) -> SimpleNamespace:
    values = {
        "slug": "contoh",
        "name_display": name,
        "price_min": 20_000,
        "price_max": 20_000,
        "vendor_name": "Dapur Tempe Ngalup",
        "district_name": "Blimbing",
        "picture_480": static(f"lapak/art/{picture}.svg"),
        "picture_240": static(f"lapak/art/{picture}.svg"),
        "picture_alt": "",
        "is_sold_out": False,
        "stock_left": None,
        "is_new": False,
        "rating_average": 4.9,
        "rating_count": 214,
        "get_absolute_url": "#",
    }
    return SimpleNamespace(**(values | changes))


def _facet_choice(value: str, label: Any, count: int, **changes: Any) -> SimpleNamespace:
    known = {"name": "kategori", "is_checked": False, "is_sub": False} | changes
    return SimpleNamespace(value=value, label=label, count=count, **known)


def _listings() -> list[SimpleNamespace]:
    return [
        _listing("Keripik Tempe Daun Jeruk", "k-kuliner", price_min=13_000),
        _listing("Topeng Malangan Panji Asmarabangun", "k-kriya", price_min=650_000, price_max=650_000, stock_left=2),
        _listing("Kaos Ngalam Tempo Dulu", "k-fesyen", is_new=True, rating_count=0),
        _listing("Batik Cap Kawung Ijen 2 Meter dengan Nama yang Panjang Sekali", "k-seni", is_sold_out=True),
        _listing("Sabun Batang Serai Kopi", "k-rawat", rating_count=None),
    ]


def _page_of_many(number: int) -> Page:
    return Paginator(range(230), 24).page(number)


def _steps() -> dict[str, Any]:
    return {
        "steps": [
            {"label": _("Owner"), "state": "done", "url": "#"},
            {"label": _("Business"), "state": "done", "url": "#"},
            {"label": _("Papers"), "state": "now"},
            {"label": _("Account number"), "state": "ahead"},
            {"label": _("Send"), "state": "ahead"},
        ],
        "timeline": [
            {"title": _("Paid"), "note": _("Today, 09.41"), "state": "done"},
            {"title": _("Being packed"), "note": _("Wrapped in straw"), "state": "now", "icon_name": "package"},
            {"title": _("Sent"), "note": _("Tomorrow"), "state": "ahead", "icon_name": "moped"},
            {"title": _("At your address"), "note": _("Friday"), "state": "ahead", "icon_name": "house"},
        ],
        "cancelled_timeline": [
            {"title": _("Paid"), "note": _("Today, 09.41"), "state": "done"},
            {"title": _("Cancelled"), "note": _("The shop ran out. Your money comes back."), "state": "stopped"},
        ],
    }


def _shop() -> dict[str, Any]:
    return {
        "seller": {
            "name": "Dapur Tempe Ngalup",
            "place": "Sanan, Blimbing",
            "since": 2011,
            "story": _("A family in a lane of Sanan that slices tempe as thin as a card."),
            "url": "#",
            "ask_url": "#",
            "checked_by": "Diskopindag Kota Malang",
            "proof_url": "#",
            "papers": [
                {"label": "Halal", "kind": "permit", "note": _("Checked 12 Oct 2026")},
                {"label": "P-IRT", "kind": "due", "note": _("Ends in 24 days")},
                {"label": "NIB", "kind": "office", "note": _("Checked 9 Oct 2026")},
            ],
        },
        "lines": [
            {
                "name": "Keripik Tempe Daun Jeruk",
                "variant_name": "250 g",
                "total": 60_000,
                "quantity": 3,
                "maximum": 9,
                "url": "#",
                "picture_url": static("lapak/art/k-kuliner.svg"),
            },
            {
                "name": "Mug Keramik Sidik Jari",
                "variant_name": _("One size"),
                "total": 130_000,
                "quantity": 2,
                "notice": _("Up, it was Rp62.000"),
                "url": "#",
                "picture_url": static("lapak/art/k-kriya.svg"),
            },
            {
                "name": "Kopi Bubuk Kayutangan",
                "variant_name": "200 g",
                "total": 52_000,
                "quantity": 1,
                "notice": _("Sold out meanwhile"),
                "notice_kind": "expired",
                "is_gone": True,
                "url": "#",
                "picture_url": static("lapak/art/k-paket.svg"),
            },
        ],
        "totals": [
            {"label": _("7 pieces"), "text": "Rp297.000"},
            {"label": _("Couriers, 2 shops"), "text": "Rp20.000"},
        ],
        "variants": [
            {"value": "1", "label": "150 g", "price": 13_000},
            {"value": "2", "label": "250 g", "price": 20_000, "is_checked": True},
            {"value": "3", "label": "500 g", "price": 38_000, "is_sold_out": True},
        ],
        "pictures": [
            {"large_url": static(f"lapak/art/{name}.svg"), "small_url": static(f"lapak/art/{name}.svg"), "alt": name}
            for name in ("k-kuliner", "t-bunga", "t-kawung")
        ],
        "facts": [
            {"term": _("Keeps"), "text": _("60 days, at room temperature")},
            {"term": _("Shipping weight"), "text": "270 g"},
        ],
    }


def _owner() -> dict[str, Any]:
    return {
        "tasks": [
            {
                "title": _("Pack 3 orders"),
                "due": _("The courier comes at 14.00."),
                "note": _("7 packs in all."),
                "icon_name": "package",
                "tone": "now",
                "url": "#",
                "action": _("Start packing"),
            },
            {
                "title": _("Check a transfer of Rp127.000"),
                "note": _("From Dewi, waiting since 07.10."),
                "icon_name": "receipt",
                "url": "#",
                "action": _("Check"),
            },
            {
                "title": _("Renew the P-IRT of Stik Tempe"),
                "due": _("Ends in 24 days."),
                "note": _("After 19 December the badge goes."),
                "icon_name": "certificate",
                "tone": "due",
                "url": "#",
                "action": _("Upload the new one"),
            },
        ],
        "columns": [
            {"label": _("Number"), "role": "key"},
            {"label": _("Contents"), "role": "contents"},
            {"label": _("Way"), "role": "way"},
            {"label": _("Status"), "role": "status"},
            {"label": _("Amount"), "role": "amount"},
        ],
        "rows": [
            ["0042", "Sinta, 3 Daun Jeruk, 1 Lima Rasa", _("The shop's courier"), _("To be packed"), "Rp115.000"],
            ["0041", "Bayu, 2 Balado", _("Picked up at 16.00"), _("Sent"), "Rp42.000"],
        ],
        "menu": [
            {"label": _("Today"), "url": "#", "icon_name": "list-checks", "is_current": True, "count": 4},
            {"label": _("Orders"), "url": "#", "icon_name": "receipt", "count": 5},
            {"label": _("Products"), "url": "#", "icon_name": "package"},
            {"label": _("Money"), "url": "#", "icon_name": "wallet"},
            {"label": _("Shop"), "url": "#", "icon_name": "storefront"},
        ],
        "bars": [
            {"label": _("Sun"), "height": 84, "value_label": "468 rb"},
            {"label": _("Mon"), "height": 35},
            {"label": _("Tue"), "height": 48},
            {"label": _("Wed"), "height": 57, "value_label": "317 rb", "is_now": True},
        ],
    }


def _swatches() -> list[tuple[str, Any]]:
    return [
        ("page", _("page")),
        ("surface", _("panels, fields")),
        ("sunken", _("notes, off states")),
        ("ink", _("text")),
        ("ink-2", _("second text")),
        ("wedel", _("links, buttons")),
        ("wedel-soft", _("selected")),
        ("wedel-deep", _("hero, footer")),
        ("kunyit", _("now, counts, focus")),
        ("soga", _("attention")),
        ("soga-soft", _("attention, ground")),
        ("daun", _("verified, done")),
        ("daun-soft", _("done, ground")),
        ("apel", _("errors only")),
        ("apel-soft", _("error, ground")),
        ("line-strong", _("field edges")),
        ("star", _("rating")),
    ]


def samples() -> dict[str, Any]:
    """The context of the page of components."""
    now = timezone.now()
    return {
        "swatches": _swatches(),
        "listings": _listings(),
        "page_obj": _page_of_many(4),
        "moments": [now, now - timedelta(days=1), now + timedelta(days=1), now + timedelta(days=9)],
        "facet_choices": [
            _facet_choice("kuliner", _("Food"), 104, is_checked=True),
            _facet_choice("keripik", _("Crisps"), 12, is_sub=True),
            _facet_choice("musik", _("Music"), 0),
        ],
        "price_range": {"name_min": "harga_min", "name_max": "harga_max", "minimum": "", "maximum": 25000},
        "breadcrumbs": [
            {"label": _("Food"), "url": "#"},
            {"label": _("Crisps"), "url": "#"},
            {"label": "Keripik Tempe"},
        ],
        "views": [
            {"label": _("All"), "url": "#", "is_current": True, "count": 12},
            {"label": _("To be packed"), "url": "#", "count": 3},
            {"label": _("Sent"), "url": "#", "count": 9},
        ],
        **_steps(),
        **_shop(),
        **_owner(),
    }
