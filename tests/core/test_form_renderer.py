"""Fields that are put together without a template look as Django's own."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from marketplace.core.form_renderer import QuickRenderer

WIDGETS = [
    forms.TextInput(attrs={"autocomplete": "name", "required": True, "disabled": False, "data-x": '"<&'}),
    forms.EmailInput(attrs={"maxlength": 254}),
    forms.NumberInput(attrs={"min": 1, "step": "any"}),
    forms.URLInput(),
    forms.HiddenInput(),
    forms.PasswordInput(render_value=True),
    forms.PasswordInput(),
]
VALUES = [None, "", "Sinta & Budi's “<b>\"", 12_500, 0, SafeString("a&amp;b"), gettext_lazy("Basket")]


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@pytest.mark.parametrize("value", VALUES, ids=str)
def test_the_same_html_as_djangos(widget, value):
    attrs = {"id": "id_field", "aria-describedby": "id_hint"}
    quick = widget.render("field", value, attrs=attrs, renderer=QuickRenderer())
    assert quick == widget.render("field", value, attrs=attrs, renderer=DjangoTemplates())


def test_everything_else_is_left_to_django():
    select = forms.Select(choices=[("a", "A"), ("b", "<B>")])
    assert select.render("way", "b", renderer=QuickRenderer()) == select.render("way", "b", renderer=DjangoTemplates())
