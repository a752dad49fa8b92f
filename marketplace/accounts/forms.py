"""Forms about one's own account."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from lokal import parse_phone

from marketplace.accounts.models import User


class PhoneField(forms.CharField):
    """An Indonesian phone number, written in any usual way; cleaned to its international form."""

    default_error_messages = {"invalid": _("This is not an Indonesian phone number. Example: 0812 3456 7890.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}))
        super().__init__(max_length=25, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        phone = parse_phone(text)
        if not phone.valid:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return phone.e164 or text


class SignupForm(forms.Form):
    """What signing up asks besides address and password."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "email", "password1"]

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the person exists."""
        user.name = self.cleaned_data["name"]
        user.language = (get_language() or "id")[:2]
        user.save(update_fields=["name", "language"])


class ProfileForm(forms.Form):
    """Name, phone and language of one's own account."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = PhoneField(
        label=_("Phone (WhatsApp)"),
        required=False,
        help_text=_("Only the shops that you buy from see it, to deliver your order."),
    )
    language = forms.ChoiceField(
        label=_("Language of our mails"), choices=[("id", "Bahasa Indonesia"), ("en", "English")]
    )


class EraseForm(forms.Form):
    """A person writes their own address to show that they mean it."""

    confirmation = forms.EmailField(
        label=_("Write your email address, so that nobody erases an account by mistake"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_confirmation(self) -> str:
        text = self.cleaned_data["confirmation"]
        if text.lower() != self.email.lower():
            raise forms.ValidationError(_("This is not the address of your account. It is written above."))
        return text
