"""The wizard's forms. Each may be cut down to the fields that were returned."""

import copy
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.accounts.forms import PhoneField
from marketplace.core.exceptions import DomainError
from marketplace.core.refusals import show_refusal
from marketplace.core.widgets import OptionCards, OptionDetail
from marketplace.reference.models import DocumentKind, Region, Subsector
from marketplace.reference.selectors import leaf_categories
from umkm.registration import choices
from umkm.registration.fields import (
    KbliField,
    NibField,
    NikField,
    NpwpField,
    PositionField,
    RupiahField,
    clean_document_number,
)
from umkm.registration.files import ACCEPT, CheckedFile, check_upload
from umkm.registration.models import VendorApplication
from umkm.registration.papers import refuse_impossible_dates
from umkm.registration.selectors import asks_number
from umkm.registration.services import Answers
from umkm.vendors.models import SizeClass

FIRST_YEAR = 1900
MOST_CATEGORIES = 8


class StepForm(forms.Form):
    """A step's form about an application.

    Arguments:
        application: whose answers stand in the fields.
        only: the fields that may change; all by default.
    """

    def __init__(
        self, data: Any = None, *, application: VendorApplication, only: Collection[str] | None = None, **kwargs: Any
    ) -> None:
        self.application = application
        super().__init__(data, initial=self.initial_of(application), **kwargs)
        if only is not None:
            for name in list(self.fields):
                if name not in only:
                    del self.fields[name]

    def initial_of(self, application: VendorApplication) -> dict[str, Any]:
        """What stands in the fields at first."""
        raise TypeError("each step says what stands in its fields")

    def answers(self) -> Answers:
        """The answers that are right, whatever else is wrong: nothing that can be kept is lost."""
        return Answers(**{name: value for name, value in self.cleaned_data.items() if name in self.fields})  # type: ignore[typeddict-item]


class IdentityForm(StepForm):
    """Who stands behind the business."""

    owner_name = forms.CharField(
        label=gettext_lazy("Name as on the identity card"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    nik = NikField(
        label=gettext_lazy("NIK"),
        help_text=gettext_lazy("16 digits, on your identity card (KTP). Any region will do."),
    )
    phone = PhoneField(
        label=gettext_lazy("WhatsApp number"),
        help_text=gettext_lazy("The officer asks here when something is unclear."),
    )
    nib = NibField(
        label=gettext_lazy("NIB"),
        required=False,
        help_text=gettext_lazy("13 digits, at the top of the NIB letter from OSS."),
    )
    has_no_nib = forms.BooleanField(
        label=gettext_lazy("I don't have an NIB yet. Help me get one."),
        required=False,
        help_text=gettext_lazy("Registering goes on all the same; an assistant contacts you. An NIB costs nothing."),
    )
    npwp = NpwpField(
        label=gettext_lazy("NPWP"), required=False, help_text=gettext_lazy("15 or 16 digits, if you have one.")
    )

    def initial_of(self, application: VendorApplication) -> dict[str, Any]:
        return {
            "owner_name": application.owner_name,
            "nik": application.nik or "",
            "phone": application.phone or "",
            "nib": application.nib,
            "has_no_nib": application.has_no_nib,
            "npwp": application.npwp or "",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "nib" in self.fields and "nib" not in self.errors:
            if cleaned.get("nib"):
                cleaned["has_no_nib"] = False
            elif not cleaned.get("has_no_nib"):
                self.add_error("nib", _("Fill in the NIB, or tick below that you do not have one yet."))
        return cleaned

    def answers(self) -> Answers:
        answers = super().answers()
        for name in ("nik", "npwp", "phone"):
            if name in answers:
                answers[name] = answers[name] or None
        return answers


class BusinessForm(StepForm):
    """What the business is, sells, and where it stands."""

    name = forms.CharField(
        label=gettext_lazy("Business name"),
        max_length=120,
        min_length=3,
        help_text=gettext_lazy("As buyers know it. It becomes the name of your shop."),
    )
    categories: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What do you sell?"),
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Tick what fits, at most 8. Which papers you need follows from this."),
        error_messages={"required": gettext_lazy("Nothing is ticked yet. Tick at least one.")},
    )
    story = forms.CharField(
        label=gettext_lazy("The story of your business"),
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("How it began, how you make things, what makes them special. Buyers read it."),
    )
    subsector: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("Sub-sector"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Choose by what I sell"),
        help_text=gettext_lazy("One of the 17 of the creative economy. Leave it when you are not sure."),
    )
    kbli = KbliField(
        label=gettext_lazy("KBLI (kind of business)"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "kbli-options"}),
        help_text=gettext_lazy("The five digits on your NIB letter. Type the code or a word, such as “keripik”."),
    )
    district = forms.CharField(label=gettext_lazy("Kecamatan"), required=False)
    village = forms.CharField(
        label=gettext_lazy("Kelurahan or desa"),
        error_messages={"required": gettext_lazy("Not chosen yet. Choose where your business is.")},
    )
    address = forms.CharField(
        label=gettext_lazy("Street, number, RT/RW"),
        max_length=255,
        min_length=5,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
        help_text=gettext_lazy("Buyers see where your shop is. You can take the street away later, in your shop."),
    )
    position = PositionField(
        label=gettext_lazy("Position on the map"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
        help_text=gettext_lazy("Makes it easier for couriers and visitors to find you."),
    )
    size_class = forms.ChoiceField(
        label=gettext_lazy("How big is your business?"),
        choices=[
            (SizeClass.MICRO, gettext_lazy("Micro business")),
            (SizeClass.SMALL, gettext_lazy("Small business")),
            (SizeClass.MEDIUM, gettext_lazy("Medium business")),
        ],
        widget=OptionCards(
            details={
                SizeClass.MICRO: OptionDetail(note=gettext_lazy("Sales up to Rp2 billion a year")),
                SizeClass.SMALL: OptionDetail(note=gettext_lazy("Sales up to Rp15 billion a year")),
                SizeClass.MEDIUM: OptionDetail(note=gettext_lazy("Sales up to Rp50 billion a year")),
            }
        ),
    )
    founded_year = forms.IntegerField(
        label=gettext_lazy("Since which year?"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "4"}),
    )
    turnover = RupiahField(
        label=gettext_lazy("Sales last year"),
        required=False,
        help_text=gettext_lazy("Only your agency sees it, encrypted, to see how you grow. You may leave it out."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "categories" in self.fields:
            self.fields["categories"].queryset = leaf_categories()  # type: ignore[attr-defined]
        if "subsector" in self.fields:
            self.fields["subsector"].queryset = Subsector.objects.all()  # type: ignore[attr-defined]
        if "district" not in self.fields and "village" in self.fields:
            self.fields["district"] = copy.deepcopy(self.base_fields["district"])

    def initial_of(self, application: VendorApplication) -> dict[str, Any]:
        village = application.village
        has_position = application.latitude is not None and application.longitude is not None
        return {
            "name": application.name,
            "categories": [category.pk for category in application.categories.all()],
            "story": application.story,
            "subsector": application.subsector_id,
            "kbli": str(application.kbli or ""),
            "district": village.district_code if village else "",
            "village": village.code if village else "",
            "address": application.address,
            "position": f"{application.latitude}, {application.longitude}" if has_position else "",
            "size_class": application.size_class,
            "founded_year": application.founded_year,
            "turnover": "" if application.turnover is None else f"{application.turnover:,}".replace(",", "."),
        }

    # --- what the templates draw ---
    @cached_property
    def villages(self) -> list[Region]:
        return list(choices.villages_with_agency())

    def district_choices(self) -> choices.Choices:
        return choices.district_choices(self.villages)

    def village_choices(self) -> choices.Choices:
        return choices.village_choices(self.villages)

    def category_groups(self) -> list[choices.CategoryGroup]:
        chosen = self["categories"].value() or []
        return choices.category_groups({int(value) for value in chosen if str(value).isdigit()})

    def kbli_options(self) -> list[Any]:
        value = str(self["subsector"].value() or "") if "subsector" in self.fields else ""
        return choices.kbli_options(subsector_id=int(value) if value.isdigit() else None)

    # --- cleaning ---
    def clean_categories(self) -> Any:
        chosen = self.cleaned_data["categories"]
        if len(chosen) > MOST_CATEGORIES:
            raise ValidationError(
                _("%(count)s are ticked. Keep the %(most)s that matter most; products can go anywhere later.")
                % {"count": len(chosen), "most": MOST_CATEGORIES}
            )
        return chosen

    def clean_village(self) -> Region:
        code = self.cleaned_data["village"]
        village = next((village for village in self.villages if village.code == code), None)
        if village is None:
            raise ValidationError(_("Choose the kelurahan or desa from the list."))
        return village

    def clean_founded_year(self) -> int | None:
        year = self.cleaned_data["founded_year"]
        this_year = timezone.localdate().year
        if year is not None and not FIRST_YEAR <= year <= this_year:
            raise ValidationError(
                _("A year between %(first)s and %(last)s, please.") % {"first": FIRST_YEAR, "last": this_year}
            )
        return year

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        categories = cleaned.get("categories")
        if "subsector" in self.fields and not cleaned.get("subsector") and categories:
            cleaned["subsector"] = categories[0].subsector
        return cleaned

    def answers(self) -> Answers:
        cleaned = {name: value for name, value in self.cleaned_data.items() if name in self.fields}
        cleaned.pop("district", None)
        if "position" in cleaned:
            position: tuple[Decimal | None, Decimal | None] = cleaned.pop("position") or (None, None)
            cleaned["latitude"], cleaned["longitude"] = position
        if cleaned.get("subsector", "") is None:
            del cleaned["subsector"]
        return Answers(**cleaned)  # type: ignore[typeddict-item]


class PaperForm(forms.Form):
    """One paper: its file, and what stands on it. Everything may follow later, until the application is submitted.

    Arguments:
        kind: asks for a number and dates only where this kind has them.
        initial: what is known of the paper that is there.
    """

    # Whether assistance can be chosen on the same page: what is said of a paper that ran out depends on it.
    offers_help = True

    use_required_attribute = False

    file = forms.FileField(required=False, widget=forms.FileInput(attrs={"accept": ACCEPT}))
    number = forms.CharField(max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    issued_on = forms.DateField(
        label=gettext_lazy("Issued on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self, data: Any = None, files: Any = None, *, kind: DocumentKind, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, files, prefix=kind.slug, initial=initial)
        self.kind = kind
        self.fields["number"].label = kind.number_label or _("Number")
        if not asks_number(kind):
            del self.fields["number"], self.fields["issued_on"]
        if not kind.has_expiry:
            del self.fields["expires_on"]
        for name in ("number", "expires_on"):
            if name in self.fields:
                self.fields[name].required = True

    def full_clean(self) -> None:
        """What belongs to a paper is marked as such, but may be told after the photo."""
        belonging = [self.fields[name] for name in ("number", "expires_on") if name in self.fields]
        for field in belonging:
            field.required = False
        super().full_clean()
        for field in belonging:
            field.required = True

    @property
    def asks_details(self) -> bool:
        return len(self.fields) > 1

    def clean_file(self) -> CheckedFile | None:
        file = self.cleaned_data["file"]
        if not file:
            return None
        try:
            return check_upload(file)
        except DomainError as error:
            raise ValidationError(str(error.message), code=error.code) from error

    def clean_number(self) -> str:
        return clean_document_number(self.kind, self.cleaned_data["number"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        dates = {name: cleaned.get(name) for name in ("issued_on", "expires_on")}
        try:
            refuse_impossible_dates(**dates, offers_help=self.offers_help)
        except DomainError as error:
            show_refusal(self, error)
        return cleaned


class ConsentForm(forms.Form):
    """The last step."""

    consents = forms.BooleanField(
        label=gettext_lazy("I have read this and agree. What I filled in is true."),
        required=True,
        error_messages={
            "required": gettext_lazy(
                "We may only pass your data to the officer with your consent. Tick the box if you agree."
            )
        },
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
