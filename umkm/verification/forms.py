"""What officers fill in."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import Officer
from umkm.verification.checks import Check, label_of
from umkm.verification.models import CheckResult, Ground, Source

# What is said again and again: in short for the button, in full for the owner.
CANNED_REASONS = (
    (
        _("Photo cannot be read"),
        _("The photo cannot be read. Take it again in good light, all four corners in the picture."),
    ),
    (_("Number differs from the document"), _("The number differs from the document. Write it as it stands there.")),
    (_("Has expired"), _("The document has expired. Upload the renewed one.")),
    (_("Not the document asked for"), _("This is not the document that is asked for.")),
    (_("Address differs from the NIB"), _("The address differs from the NIB. Write it as it stands there.")),
)


def set_choices(form: forms.Form, name: str, choices: list[tuple[str, Any]]) -> None:
    """Give a select of this form its choices."""
    cast(forms.ChoiceField, form.fields[name]).choices = choices


class VersionForm(forms.Form):
    """Every post carries the version of the case that the officer saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    round = forms.IntegerField(widget=forms.HiddenInput, required=False)


class CheckForm(VersionForm):
    """The result of one check, with where it was looked up and the evidence."""

    result = forms.ChoiceField(choices=CheckResult, label=_("Result"))
    source = forms.ChoiceField(label=_("Source"), required=False)
    evidence_text = forms.CharField(
        label=_("Evidence"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"placeholder": _("Paste a screenshot (Ctrl V) or write a note")}),
    )
    evidence_file = forms.FileField(label=_("File"), required=False)
    field = forms.ChoiceField(label=_("To be fixed"), required=False)
    reason = forms.CharField(
        label=_("Reason for the owner"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, check: Check, kind_names: dict[str, str], **kwargs: Any) -> None:
        kwargs["auto_id"] = f"id_{check.key.replace(':', '-')}_%s"
        super().__init__(*args, **kwargs)
        likely = list(check.sources)
        rest = [source for source in Source if source not in likely]
        set_choices(self, "source", [(source.value, capfirst(source.label)) for source in [*likely, *rest]])
        set_choices(self, "field", [(target, label_of(target, kind_names)) for target in check.targets])
        self.fields["evidence_file"].widget.attrs["accept"] = "image/*,application/pdf"


class ReasonForm(forms.Form):
    """One thing to fix and why."""

    field = forms.ChoiceField(label=_("What has to be fixed"), required=False)
    reason = forms.CharField(
        label=_("Reason for the owner"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, targets: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "field", [("", str(_("Choose an answer or document"))), *targets])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("field") and not data.get("reason", "").strip():
            self.add_error("reason", _("Write the reason, or leave the row empty."))
        if data.get("reason", "").strip() and not data.get("field"):
            self.add_error("field", _("Choose what has to be fixed."))
        return data


ReasonFormSet = forms.formset_factory(ReasonForm, extra=0, max_num=40, absolute_max=60)


class ReturnForm(VersionForm):
    """The rest of the return letter."""

    fix_by = forms.DateField(
        label=_("To be fixed by"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    letter = forms.CharField(
        label=_("More for the owner (optional)"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_fix_by(self) -> date:
        day = self.cleaned_data["fix_by"]
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day in the future."))
        return day


class RejectForm(VersionForm):
    """Why the case is closed for good."""

    ground = forms.ChoiceField(
        label=_("Ground for the rejection"), choices=[("", _("Choose a ground")), *Ground.choices]
    )
    letter = forms.CharField(label=_("Reason for the owner"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class NoteForm(forms.Form):
    """A remark for colleagues."""

    text = forms.CharField(label=_("New note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class HandOverForm(forms.Form):
    """To whom a case goes."""

    to_officer = forms.ModelChoiceField(label=_("Officer"), queryset=Officer.objects.none(), empty_label=_("Choose"))

    def __init__(self, *args: Any, officer: Officer, holder_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["to_officer"])
        colleagues = Officer.objects.filter(agency_id=officer.agency_id, is_active=True, user__is_active=True)
        field.queryset = colleagues.exclude(pk=holder_id or 0).select_related("user").order_by("user__name")
        field.label_from_instance = lambda item: item.user.get_full_name()  # type: ignore[method-assign, assignment]
