"""How a form shows what a service refused."""

from django import forms
from django.core.exceptions import ValidationError

from marketplace.core.exceptions import DomainError


def show_refusal(form: forms.BaseForm, refused: DomainError) -> None:
    """Put a refusal beside the field that it is about, or above the form where that has no such field."""
    field = refused.field if refused.field in form.fields else None
    form.add_error(field, ValidationError(str(refused), code=refused.code))
