"""What `{% field %}` and `{% error_summary %}` need to know about a form, as plain data for their templates."""

from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils import formats
from django.utils.translation import gettext as _

from marketplace.core.widgets import OptionDetail


def kind_of(bound_field: BoundField) -> str:
    """How the field is drawn: hidden, checkbox, options, choices, select, textarea, file, password or input."""
    widget = bound_field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.RadioSelect):
        return "options"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.Select):
        return "multiselect" if widget.allow_multiple_selected else "select"
    if isinstance(widget, forms.Textarea):
        return "textarea"
    if isinstance(widget, forms.FileInput):
        return "file"
    if isinstance(widget, forms.PasswordInput):
        return "password"
    return "input"


def options_of(bound_field: BoundField) -> list[dict[str, Any]]:
    """The choices of a radio or checkbox group, each with its detail if the widget has one."""
    details = getattr(bound_field.field.widget, "details", {})
    options = []
    for subwidget in bound_field.subwidgets:
        data = subwidget.data
        value = str(data["value"])
        options.append(
            {
                "id": data["attrs"].get("id", ""),
                "name": data["name"],
                "value": value,
                "label": data["label"],
                "is_checked": bool(data["selected"]),
                "is_disabled": bool(data["attrs"].get("disabled")) or bound_field.field.disabled,
                "is_required": bool(data["attrs"].get("required")),
                "detail": details.get(value, OptionDetail()),
            }
        )
    return options


def field_context(bound_field: BoundField, *, label: str, hint: str, attrs: dict[str, Any]) -> dict[str, Any]:
    """The context of components/field.html: kind, label, hint, errors, and the widget with its ARIA attributes."""
    kind = kind_of(bound_field)
    # A hint of only a space takes away the form's own.
    hint_text = hint.strip() if hint else bound_field.help_text
    # Without an id (auto_id=False) there is nothing to point at, and the label wraps nothing.
    base_id = bound_field.auto_id or bound_field.html_name
    described_by = [
        identifier
        for identifier, is_there in ((f"{base_id}_helptext", hint_text), (f"{base_id}_error", bound_field.errors))
        if is_there
    ]
    widget_attrs = {name.replace("_", "-"): value for name, value in attrs.items()}
    if kind not in ("hidden", "options", "choices"):
        if described_by:
            widget_attrs["aria-describedby"] = " ".join(described_by)
        if bound_field.errors:
            widget_attrs["aria-invalid"] = "true"
    is_group = kind in ("options", "choices")
    return {
        "bound_field": bound_field,
        "kind": kind,
        "is_group": is_group,
        "base_id": base_id,
        "described_by": " ".join(described_by),
        "label": label or bound_field.label,
        "hint": hint_text,
        "errors": errors_of(bound_field),
        # A field that another choice makes necessary (`is_conditional`) is not called optional.
        "is_optional": not bound_field.field.required
        and not getattr(bound_field.field, "is_conditional", False)
        and kind not in ("checkbox", "hidden"),
        "options": options_of(bound_field) if is_group else [],
        "widget": "" if is_group else bound_field.as_widget(attrs=widget_attrs),
    }


def _is_plain_required(error: ValidationError) -> bool:
    """Whether the error is Django's own “required”, which does not say what is missing."""
    return error.code == "required" and str(error.message) == str(forms.Field.default_error_messages["required"])


def _in_our_words(error: ValidationError) -> str:
    """What to do about a fault that Django describes only in general; empty when the form has its own words for it."""
    cures = (
        (forms.IntegerField.default_error_messages["invalid"], _("Write a whole number in digits, for example 12.")),
        (forms.DecimalField.default_error_messages["invalid"], _("Write a number in digits, for example 2.5.")),
        (forms.DateField.default_error_messages["invalid"], _("This is not a date. Write day, month and year.")),
        (validators.EmailValidator.message, _("This is not an email address. Example: sri@contoh.id.")),
        (forms.FileField.default_error_messages["empty"], _("This file is empty. Choose another one.")),
        (
            forms.ChoiceField.default_error_messages["invalid_choice"],
            _("This choice is gone. Choose again."),
        ),
        (validators.MinValueValidator.message, _("Write %(limit)s or more.")),
        (validators.MaxValueValidator.message, _("Write %(limit)s or less.")),
        (validators.MinLengthValidator.message, _("Too short. Write at least %(limit)s characters.")),
        (validators.MaxLengthValidator.message, _("Too long, %(length)s characters. Keep it to %(limit)s.")),
    )
    params = error.params if isinstance(error.params, dict) else {}
    numbers = {
        name: formats.number_format(params.get(key) or 0, force_grouping=True)
        for name, key in (("limit", "limit_value"), ("length", "show_value"))
        if isinstance(params.get(key) or 0, int | float)
    }
    # The very object is compared: a form that says it in its own words has another one.
    return next((cure % numbers if "%(" in cure else cure for stock, cure in cures if error.message is stock), "")


def errors_of(bound_field: BoundField) -> list[str]:
    """The messages beside a field, each saying what to do."""
    by_kind = {
        "checkbox": _("Please tick this to go on."),
        "options": _("Please choose one."),
        "choices": _("Please choose at least one."),
        "select": _("Please choose one."),
    }
    missing = by_kind.get(kind_of(bound_field), _("Still empty. Please fill it in."))
    return [
        missing if _is_plain_required(error) else _in_our_words(error) or str(message)
        for error, message in zip(bound_field.errors.as_data(), bound_field.errors, strict=True)
    ]


def _summary_texts(bound_field: BoundField) -> list[str]:
    """The messages above the form, where each must name its field."""
    label = str(bound_field.label).rstrip(" .:?")
    missing = _("Please tick: %(label)s") if kind_of(bound_field) == "checkbox" else _("%(label)s is still empty")
    texts = []
    for error, message in zip(bound_field.errors.as_data(), bound_field.errors, strict=True):
        cure = _in_our_words(error)
        if _is_plain_required(error):
            texts.append(missing % {"label": label})
        else:
            texts.append(f"{label}: {cure}" if cure else str(message))
    return texts


def summary_items(forms_or_sets: tuple[Any, ...]) -> list[dict[str, str]]:
    """Every error of the given forms and formsets with the address of its field, in the order of the page."""
    items: list[dict[str, str]] = []
    for each in forms_or_sets:
        if each is None or not each.is_bound:
            continue
        if isinstance(each, forms.BaseFormSet):
            items += [{"href": "", "text": str(message)} for message in each.non_form_errors()]
            items += summary_items(tuple(each.forms))
            continue
        items += [{"href": "", "text": str(message)} for message in each.non_field_errors()]
        for bound_field in each:
            target = "" if bound_field.is_hidden else f"#{bound_field.auto_id or bound_field.html_name}"
            items += [{"href": target, "text": text} for text in _summary_texts(bound_field)]
    return items
