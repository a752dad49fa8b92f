"""Form fields in the site's look: what a screen reader hears, and that every refusal says what to do."""

import re

import pytest
from django import forms
from django.forms import formset_factory
from django.template import engines
from django.utils import translation

from marketplace.core.widgets import OptionCards, OptionDetail


class ShopForm(forms.Form):
    name = forms.CharField(label="Nama", help_text="Seperti di papan.")
    postcode = forms.RegexField(r"^\d{5}$", label="Kode pos", error_messages={"invalid": "Kode pos 5 angka."})
    price = forms.IntegerField(label="Harga", required=False)
    story = forms.CharField(label="Cerita", widget=forms.Textarea, required=False)
    secret = forms.CharField(label="Sandi", widget=forms.PasswordInput, required=False)
    district = forms.ChoiceField(label="Kecamatan", choices=[("klojen", "Klojen")], required=False)
    delivery = forms.ChoiceField(
        label="Cara terima",
        choices=[("courier", "Kurir"), ("cod", "Bayar di tempat")],
        widget=OptionCards(
            details={
                "courier": OptionDetail(price="Rp8.000", note="Besok"),
                "cod": OptionDetail(disabled_reason="Toko ini belum melayani"),
            }
        ),
    )
    kinds = forms.MultipleChoiceField(
        label="Jenis", choices=[("food", "Makanan"), ("craft", "Kriya")], widget=forms.CheckboxSelectMultiple
    )
    photo = forms.FileField(label="Foto", required=False)
    consent = forms.BooleanField(label="Saya setuju.")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def draw(source: str, **context) -> str:
    with translation.override("en"):
        return engines["django"].from_string(source).render(context)


def draw_field(form: forms.Form, name: str, options: str = "", **context) -> str:
    return draw("{% field bound " + options + " %}", bound=form[name], **context)


def test_label_hint_and_input_belong_together():
    html = draw_field(ShopForm(), "name")

    assert '<label class="field__label" for="id_name">Nama</label>' in html
    assert '<p class="field__hint" id="id_name_helptext">Seperti di papan.</p>' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert "aria-invalid" not in html


def test_error_stands_before_the_input_and_describes_it():
    html = draw_field(ShopForm({"postcode": "6511"}), "postcode")

    assert re.search(r'<p class="field__error" id="id_postcode_error"><svg.*?<span>Kode pos 5 angka\.</span>', html)
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_postcode_error"' in html
    assert html.index("field__error") < html.index("<input")


def test_optional_fields_say_so_and_units_are_inside():
    html = draw_field(ShopForm(), "price", 'prefix="Rp" suffix="per pack" inputmode="numeric" data_check="price"')

    assert "(optional)" in html
    assert '<span class="affix__text" aria-hidden="true">Rp</span>' in html
    assert 'data-check="price"' in html
    assert 'inputmode="numeric"' in html


def test_label_and_hint_may_be_given_by_the_page():
    options = 'label=text hint="Lain" hide_label=True wide=True'
    html = draw_field(ShopForm(), "name", options, text="Nama <toko>")

    assert "Nama &lt;toko&gt;" in html
    assert "Seperti di papan." not in html
    assert "field__label visually-hidden" in html
    assert "field--wide" in html


@pytest.mark.parametrize(
    "name, part",
    [
        ("story", "<textarea"),
        ("district", '<span class="select"><select'),
        ("secret", '<span class="password" data-password'),
        ("photo", '<div class="file-field" data-file-field'),
        ("consent", '<label class="check"><input type="checkbox"'),
    ],
)
def test_each_kind_of_widget_has_its_look(name, part):
    assert part in draw_field(ShopForm(), name)


def test_hidden_fields_are_only_their_input():
    assert draw_field(ShopForm(), "token").strip() == '<input type="hidden" name="token" id="id_token">'


def test_options_are_a_group_of_cards_with_reasons():
    html = draw_field(ShopForm(initial={"delivery": "courier"}), "delivery")

    assert '<fieldset class="field field--options" id="id_delivery"' in html
    assert '<legend class="field__label">Cara terima</legend>' in html
    assert '<span class="option__price">Rp8.000</span>' in html
    assert re.search(r'value="courier" id="id_delivery_0" checked', html)
    assert re.search(r'value="cod" id="id_delivery_1" disabled', html)
    assert "Toko ini belum melayani" in html


def test_group_errors_describe_the_fieldset():
    html = draw_field(ShopForm({}), "kinds")

    assert 'aria-describedby="id_kinds_error"' in html
    assert "Please choose at least one." in html
    assert html.count('type="checkbox"') == 2


@pytest.mark.parametrize(
    "name, cure",
    [
        ("name", "Still empty. Please fill it in."),
        ("consent", "Please tick this to go on."),
        ("delivery", "Please choose one."),
    ],
)
def test_an_empty_field_says_what_to_do(name, cure):
    assert cure in draw_field(ShopForm({}), name)


class CountForm(forms.Form):
    """Faults for which Django has only general words."""

    year = forms.IntegerField(label="Sejak tahun berapa?", min_value=1900, max_value=2026)
    name = forms.CharField(label="Nama", min_length=5, max_length=12)
    day = forms.DateField(label="Hari")
    email = forms.EmailField(label="Email")
    size = forms.ChoiceField(label="Ukuran", choices=[("s", "S")])
    own = forms.IntegerField(label="Harga", error_messages={"invalid": "Tulis harga dengan angka."})


@pytest.mark.parametrize(
    "name, typed, cure",
    [
        ("year", "<b>dulu</b>", "Write a whole number in digits, for example 12."),
        ("year", "12", "Write 1,900 or more."),
        ("year", "3000", "Write 2,026 or less."),
        ("name", "Sri", "Too short. Write at least 5 characters."),
        ("name", "x" * 20, "Too long, 20 characters. Keep it to 12."),
        ("day", "kapan", "This is not a date. Write day, month and year."),
        ("email", "sri", "This is not an email address. Example: sri@contoh.id."),
        ("size", "xl", "This choice is gone. Choose again."),
        ("own", "murah", "Tulis harga dengan angka."),
    ],
)
def test_a_general_fault_is_told_with_its_cure(name, typed, cure):
    form = CountForm({name: typed})

    assert cure in draw_field(form, name)
    assert cure in draw("{% error_summary form %}", form=form)


def test_the_summary_names_the_field_of_a_general_fault():
    html = draw("{% error_summary form %}", form=CountForm({"year": "dulu"}))

    assert "Sejak tahun berapa: Write a whole number" in html


def test_what_was_typed_is_escaped():
    html = draw_field(ShopForm({"name": '"><script>alert(1)</script>'}), "name")

    assert "<script>" not in html


def test_error_summary_links_to_each_field():
    html = draw("{% error_summary form %}", form=ShopForm({"name": "Ngalup", "postcode": "1"}))

    assert 'role="alert"' in html
    assert "4 things to fix" in html
    assert '<a href="#id_postcode">Kode pos 5 angka.</a>' in html
    assert '<a href="#id_delivery">Cara terima is still empty</a>' in html
    assert '<a href="#id_consent">Please tick: Saya setuju</a>' in html


def test_error_summary_of_a_good_or_untouched_form_is_nothing():
    assert draw("{% error_summary form other %}", form=ShopForm(), other=None) == ""


def test_error_summary_counts_formsets_too():
    lines = formset_factory(ShopForm, max_num=1, validate_max=True)(
        {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-name": "a", "form-1-name": "b"}
    )

    html = draw("{% error_summary lines %}", lines=lines)

    assert "Please submit at most 1 form." in html
    assert 'href="#id_form-0-postcode"' in html
