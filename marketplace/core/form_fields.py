"""What `{% field %}` and `{% error_summary %}` need to know about a form, as plain data for their templates."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _

from marketplace.core.widgets import OptionDetail

TEXT_INPUTS = (forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.DateInput, forms.DateTimeInput)


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
    """The context of components/field.html: kind, label, hint, errors, and the widget drawn with its ARIA attributes."""
    kind = kind_of(bound_field)
    hint_text = hint or bound_field.help_text
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
        "errors": bound_field.errors,
        "is_optional": not bound_field.field.required and kind not in ("checkbox", "hidden"),
        "options": options_of(bound_field) if is_group else [],
        "widget": "" if is_group else bound_field.as_widget(attrs=widget_attrs),
    }


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
            target = bound_field.auto_id or bound_field.html_name
            for message in bound_field.errors:
                text = str(message)
                if text in (_("This field is required."), str(forms.Field.default_error_messages["required"])):
                    text = _("%(label)s is still empty.") % {"label": bound_field.label}
                items.append({"href": f"#{target}" if not bound_field.is_hidden else "", "text": text})
    return items
