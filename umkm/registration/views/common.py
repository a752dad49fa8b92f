"""What the wizard's views share: finding one's own application, and where its steps are."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from umkm.registration.answers import BUSINESS, IDENTITY, PAPERS
from umkm.registration.models import VendorApplication
from umkm.registration.selectors import gaps_of

REVIEW, SUBMIT = "review", "submit"
STATUS = VendorApplication.Status


@dataclass(frozen=True)
class Step:
    """A step of the wizard: its URL's name is `registration:<name>`."""

    name: str
    label: str | Promise


STEPS = (
    Step(IDENTITY, gettext_lazy("Owner")),
    Step(BUSINESS, gettext_lazy("Business")),
    Step(PAPERS, gettext_lazy("Papers")),
    Step(REVIEW, pgettext_lazy("step", "Check")),
    Step(SUBMIT, pgettext_lazy("step", "Submit")),
)
NAMES = [step.name for step in STEPS]


def own_application(request: HttpRequest, code: str) -> VendorApplication:
    """The application with this code if it is the visitor's own; for everyone else it does not exist."""
    application = (
        VendorApplication.objects.owned_by(request.user)  # type: ignore[arg-type]
        .select_related("village__parent__parent", "subsector", "kbli", "agency")
        .prefetch_related("categories")
        .filter(code=code)
        .first()
    )
    if application is None:
        raise Http404
    return application


def step_url(application: VendorApplication, name: str) -> str:
    return reverse(f"registration:{name}", kwargs={"code": application.code})


def url_after(application: VendorApplication, name: str) -> str:
    return step_url(application, NAMES[NAMES.index(name) + 1])


def url_before(application: VendorApplication, name: str) -> str:
    index = NAMES.index(name)
    return step_url(application, NAMES[index - 1]) if index else reverse("registration:start")


def where_to_go_on(application: VendorApplication) -> str:
    """The page on which the owner continues: the first step with a gap, the fixes, or how things stand."""
    if application.status == STATUS.RETURNED:
        return step_url(application, "correct")
    if application.status != STATUS.DRAFT:
        return application.get_absolute_url()
    gaps = gaps_of(application)
    return step_url(application, gaps[0].step if gaps else REVIEW)


def away_from_step(application: VendorApplication) -> HttpResponse | None:
    """A redirect when the application is no draft any more; its steps are closed then."""
    return None if application.status == STATUS.DRAFT else redirect(where_to_go_on(application))


def render_step(
    request: HttpRequest, application: VendorApplication, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of the wizard, never kept by a shared or the browser's own cache: it shows personal data."""
    number = NAMES.index(name) + 1
    steps = [
        {
            "label": step.label,
            "state": "done" if index < number else "now" if index == number else "ahead",
            "url": step_url(application, step.name),
        }
        for index, step in enumerate(STEPS, 1)
    ]
    frame = {
        "application": application,
        "step": name,
        "steps": steps,
        "step_number": number,
        "step_count": len(STEPS),
        "step_label": _("Step %(number)s of %(count)s: %(name)s")
        % {"number": number, "count": len(STEPS), "name": STEPS[number - 1].label},
        "back_url": url_before(application, name),
    }
    return render(request, f"registration/{name}.html", frame | context, status=status)


def is_autosave(request: HttpRequest) -> bool:
    """Whether the page itself sent its form in the background."""
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def autosaved(application: VendorApplication) -> HttpResponse:
    """The answer to a form that saved itself: nothing to show, and the version that it now stands on."""
    return HttpResponse(status=204, headers={"X-Version": str(application.version)})
