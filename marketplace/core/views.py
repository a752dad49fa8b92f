"""The page that shows every component in all its states, for whoever builds pages; never in production."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.core.component_samples import SampleForm, samples

THEMES = ("light", "dark")


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every component with sample content; `?theme=dark` or `light` instead of what the system prefers."""
    theme = request.GET.get("theme", "")
    context = samples() | {
        "theme": theme if theme in THEMES else "",
        "empty_form": SampleForm(),
        "wrong_form": SampleForm({"postcode": "6511", "phone": "0812"}),
    }
    return render(request, "core/components_page.html", context)
