"""The checks of `make lint` as tests, so that `make test` and CI catch what they find."""

import warnings

import pytest

from tools import lint, template_lint

pytestmark = pytest.mark.once
NEEDS_GETTEXT = {"translations"}


@pytest.mark.parametrize(
    "check",
    [
        pytest.param(check, id=check.name, marks=[pytest.mark.gettext] if check.name in NEEDS_GETTEXT else [])
        for check in lint.CHECKS
    ],
)
def test_check(check: lint.Check):
    result = lint.run_check(check)
    if result.status == lint.NOT_CHECKED:
        warnings.warn(f"{check.name}: {result.output}", stacklevel=1)
    assert not result.is_failure, result.output


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('<p style="color: red">', "inline style"),
        ('<a href="#" onclick="go()">', "inline event handler"),
        ("{{ text|safe }}", "unescaped"),
        ("<script>go()</script>", "inline script"),
        ('<img src="x.png">', "without alt"),
        ("<button>", "without a type"),
        ("<p>Keranjang kosong</p>", "untranslated text"),
        ('<input placeholder="Cari apa?">', "untranslated placeholder"),
        ("<p>\n  {% if x %}\n  Beli {{ name }}\n{% endif %}", "untranslated text: Beli"),
    ],
)
def test_template_rules_find_what_they_are_for(template: str, message: str):
    assert any(message in problem for _line, problem in template_lint.problems(template))


@pytest.mark.parametrize(
    "template",
    [
        '<p class="a">{% translate "Basket" %} {{ amount|rupiah }}</p>',
        "{% blocktranslate with n=count %}{{ n }} items in the basket{% endblocktranslate %}",
        '<script src="/static/x.js" defer></script><img src="x.png" alt="">',
        '<button type="button" aria-label="{% translate "Close" %}">×</button>',
        "{# A comment in plain words #}{% comment %}and another{% endcomment %}<b>Rp</b>",
    ],
)
def test_template_rules_leave_good_templates_alone(template: str):
    assert not list(template_lint.problems(template))
