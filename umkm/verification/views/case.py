"""The case page: the work on the left, the papers on the right."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from lokal import parse_phone
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button, HeaderButton

from marketplace.core.exceptions import DomainError
from umkm.registration.answers import ANSWERS, BUSINESS, IDENTITY
from umkm.registration.models import VendorApplication
from umkm.verification import checks, clock, decisions, policies, selectors, services
from umkm.verification.exceptions import StaleCase
from umkm.verification.forms import CANNED_REASONS, CheckForm, NoteForm, ReasonFormSet, RejectForm, ReturnForm
from umkm.verification.views.base import OfficerMixin
from umkm.verification.views.panels import NotesPanel, PapersPanel


class CaseScreen(OfficerMixin, WagtailAdminTemplateMixin, TemplateView):
    """What the case page and everything posted from it share: the case, and showing it again with what went wrong."""

    template_name = "verification/case.html"
    header_icon = "clipboard-list"
    application: VendorApplication
    error: DomainError | None = None
    note_form: NoteForm | None = None
    check_form: CheckForm | None = None
    shows_identity = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.code = kwargs["code"]
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    @cached_property
    def case(self) -> selectors.CaseFile:
        return selectors.case_file(self.find_case(self.code))

    @cached_property
    def may_decide(self) -> tuple[bool, str]:
        return policies.can_decide(officer=self.officer, application=self.case.application)

    @cached_property
    def may_handle(self) -> tuple[bool, str]:
        return policies.can_handle(officer=self.officer, application=self.case.application)

    # --- furniture ---

    def get_page_title(self) -> str:
        return self.case.application.name

    def get_page_subtitle(self) -> str:
        return self.case.application.code

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("verification:queue"), "label": _("Queue")},
            {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()},
        ]

    def get_header_buttons(self) -> list[Any]:
        application = self.case.application
        buttons: list[Any] = [
            HeaderButton(
                _("Back to the queue"),
                url=reverse("verification:queue"),
                icon_name="arrow-left",
                icon_only=True,
                attrs={"aria-keyshortcuts": "u"},
                priority=5,
            )
        ]
        if application.status in VendorApplication.AWAITING and self.may_handle[0]:
            if application.claimed_by_id == self.officer.pk:
                label, form, icon = _("Put back"), "officers-release", "cross"
            elif application.claimed_by_id is None:
                label, form, icon = _("Take"), "officers-claim", "plus"
            else:
                return buttons
            # A button of a form in the page: it changes something, so it is posted.
            attrs = {"aria-keyshortcuts": "a", "type": "submit", "form": form}
            buttons.append(HeaderButton(label, icon_name=icon, attrs=attrs, priority=10))
            buttons += super().get_header_buttons()
        return buttons

    def get_header_more_buttons(self) -> list[Button]:
        url = reverse("verification:hand_over", args=[self.code])
        return [Button(_("Hand over to a colleague"), url=url, icon_name="user", priority=10)]

    # --- content ---

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        case, application = self.case, self.case.application
        context.update(
            case=case,
            application=application,
            due=clock.due_words(application.due_at) if application.status in VendorApplication.AWAITING else None,
            age=self._age(),
            whatsapp=parse_phone(application.phone).whatsapp if application.phone else "",
            officer=self.officer,
            is_mine=application.claimed_by_id == self.officer.pk,
            may_decide=self.may_decide[0],
            why_not=self.may_decide[1],
            may_handle=self.may_handle[0],
            rows=self._check_rows(),
            next_key=next((state.check.key for state in case.open_states if not state.is_done), ""),
            data=self._answers(),
            history=selectors.history_of(case),
            earlier_rounds=self._earlier_rounds(),
            shows_identity=self.shows_identity,
            error=self.error,
            is_stale=isinstance(self.error, StaleCase),
            stale_changes=self._stale_changes(),
            canned_reasons=CANNED_REASONS,
            side_panels=[
                PapersPanel(case, self.request, self.officer.agency.region_id),
                NotesPanel(case, self.request, self.note_form or NoteForm()),
            ],
        )
        if self.may_decide[0]:
            context.update(decision_forms(case))
        return context

    def _age(self) -> dict[str, str]:
        rounds = self.case.rounds
        today = timezone.localdate()
        return {
            "now": clock.age_words(
                clock.working_days_between(timezone.localtime(rounds[-1].submitted_at).date(), today)
            ),
            "all": clock.age_words(
                clock.working_days_between(timezone.localtime(rounds[0].submitted_at).date(), today)
            ),
        }

    def _check_rows(self) -> list[dict[str, Any]]:
        """The checks of this round; one of them open: the one that was asked for, or failed to save, or is next."""
        asked = self.check_form.data.get("key", "") if self.check_form else self.request.GET.get("cek", "")
        states = [state for state in self.case.states if not state.is_kept or state.check.key == asked]
        keys = [state.check.key for state in states]
        if asked not in keys:
            asked = next((state.check.key for state in states if not state.is_done), "")
        rows = []
        for state in states:
            is_open = self.may_decide[0] and state.check.key == asked
            form = self.check_form if is_open and self.check_form else None
            if is_open and form is None:
                form = check_form(self.case, state)
            rows.append(
                {
                    "state": state,
                    "is_open": is_open,
                    "form": form,
                    "anchor": anchor(state.check.key),
                    "paper": state.check.documents[0] if state.check.documents else "",
                    "registers": [
                        {"label": source.label, "url": settings.VERIFICATION_REGISTERS[source.value]}
                        for source in state.check.sources
                        if source.value in settings.VERIFICATION_REGISTERS
                    ],
                    "number": self._number_of(state),
                }
            )
        return rows

    def _number_of(self, state: checks.CheckState) -> str:
        papers = checks.as_submitted(self.case.current_round)["documents"]
        kind = state.check.documents[0] if state.check.documents else ""
        return "" if kind == checks.IDENTITY_CARD else str((papers.get(kind) or {}).get("number") or "")

    def _answers(self) -> list[dict[str, Any]]:
        """The answers as submitted, with what changed since the round before."""
        now = checks.as_submitted(self.case.current_round)["fields"]
        rounds = self.case.rounds
        before = checks.as_submitted(rounds[-2])["fields"] if len(rounds) > 1 else now
        groups = []
        for step, title in ((BUSINESS, _("Business")), (IDENTITY, _("Owner"))):
            rows = []
            for answer in ANSWERS:
                value, earlier = (_answer(answers, answer.key) for answers in (now, before))
                if answer.step != step or answer.key == "longitude" or not (value or earlier):
                    continue
                is_personal = answer.key in checks.PERSONAL_FIELDS
                reveal = self.shows_identity and is_personal
                rows.append(
                    {
                        "key": answer.key,
                        "label": answer.label,
                        "now": value if reveal else checks.shown(answer.key, value),
                        "before": (earlier if reveal else checks.shown(answer.key, earlier))
                        if earlier != value
                        else None,
                        "is_personal": is_personal,
                    }
                )
            groups.append({"title": title, "rows": rows})
        return groups

    def _earlier_rounds(self) -> list[dict[str, Any]]:
        """Rounds before this one, as they were sent."""
        rounds = []
        for item in reversed(self.case.rounds[:-1]):
            submitted = checks.as_submitted(item)
            rows = [
                {"label": answer.label, "value": checks.shown(answer.key, submitted["fields"].get(answer.key) or "")}
                for answer in ANSWERS
                if submitted["fields"].get(answer.key)
            ]
            for kind, paper in submitted["documents"].items():
                number = checks.shown("nik" if kind == checks.IDENTITY_CARD else "", paper.get("number") or "–")
                rows.append({"label": self.case.kind_names.get(kind, kind), "value": number})
            rounds.append({"number": item.number, "submitted_at": item.submitted_at, "rows": rows})
        return rounds

    def _stale_changes(self) -> list[checks.Change]:
        """What the owner changed since the round that the officer had open."""
        if not isinstance(self.error, StaleCase):
            return []
        try:
            seen = int(self.request.POST.get("round") or 0)
        except ValueError:
            seen = 0
        earlier = next((item for item in self.case.rounds if item.number == seen), None)
        if earlier is None or earlier == self.case.current_round:
            return []
        before, after = checks.as_submitted(earlier), checks.as_submitted(self.case.current_round)
        targets = [
            *after["fields"],
            *(checks.DOCUMENT + kind for kind in {**before["documents"], **after["documents"]}),
        ]
        return checks.changes_between(before, after, targets, self.case.kind_names)

    def show_again(self, error: DomainError, *, status: int = 422) -> HttpResponse:
        """The page once more with what went wrong: nothing that was typed is lost."""
        self.error = error
        # What was loaded before the service ran may be old by now.
        for name in ("case", "may_decide", "may_handle"):
            self.__dict__.pop(name, None)
        if isinstance(error, StaleCase):
            status = 409
        return self.render_to_response(self.get_context_data(), status=status)

    def back_to_case(self, fragment: str = "") -> HttpResponse:
        url = reverse("verification:case", args=[self.code])
        paper = self.request.POST.get("dok", "")
        query = f"?dok={paper}" if paper.isidentifier() else ""
        return redirect(f"{url}{query}{fragment}")


def _answer(answers: dict[str, str], key: str) -> str:
    """An answer as it was sent; the position is one, though it has two numbers."""
    value = answers.get(key) or ""
    return f"{value}, {answers.get('longitude')}" if key == "latitude" and value else value


def anchor(key: str) -> str:
    """The id of a check on the page."""
    return "check-" + key.replace(":", "-")


def check_form(case: selectors.CaseFile, state: checks.CheckState, data: Any = None, files: Any = None) -> CheckForm:
    """The form of one check, filled with what was said of it before."""
    result = state.result or state.earlier
    initial: dict[str, Any] = {"version": case.application.version, "round": case.application.round}
    if result:
        initial.update(source=result.source, evidence_text=result.evidence, reason=result.reason, field=result.field)
    return CheckForm(data, files, initial=initial, check=state.check, kind_names=case.kind_names)


def targets_of(case: selectors.CaseFile) -> list[tuple[str, str]]:
    """Everything that may be returned, by its name: what the checks cover first, then the other answers."""
    covered = [target for state in case.states for target in state.check.targets]
    others = [answer.key for answer in ANSWERS if answer.key not in covered and answer.key != "longitude"]
    return [(target, checks.label_of(target, case.kind_names)) for target in dict.fromkeys([*covered, *others])]


def decision_forms(case: selectors.CaseFile, *, empty_rows: int = 1) -> dict[str, Any]:
    """The three decisions as forms: the return letter as the failed checks have written it."""
    initial = {"version": case.application.version, "round": case.application.round}
    failed = decisions.reasons_from_checks(case.states)
    rows = [{"field": field, "reason": reason} for field, reason in failed]
    rows += [{"field": "", "reason": ""} for _row in range(empty_rows)]
    return {
        "return_form": ReturnForm(initial={**initial, "fix_by": decisions.default_fix_by()}, auto_id="id_return_%s"),
        "reason_forms": reason_formset(case, rows),
        "reject_form": RejectForm(initial=initial, auto_id="id_reject_%s"),
    }


def reason_formset(case: selectors.CaseFile, rows: list[dict[str, str]] | None = None, data: Any = None) -> Any:
    """The rows of the return letter."""
    formset = ReasonFormSet(data, initial=rows, prefix="reasons", form_kwargs={"targets": targets_of(case)})
    # The prepared rows are a proposal: sending them as they are counts, and so does emptying one.
    for form in formset.forms:
        form.empty_permitted = False
    return formset


class CaseView(CaseScreen):
    """Reading a case."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())


class PostedFromCase(CaseScreen):
    """An address that the case page posts to; whoever opens it by itself gets the page."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("verification:case", code=self.find_case(self.code).code)


class CheckView(PostedFromCase):
    """Saving the result of one check."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        case = self.case
        key = kwargs["key"]
        state = next((item for item in case.states if item.check.key == key), None)
        if state is None:
            messages.error(request, _("This case has no such check. Reload the page."))
            return self.back_to_case()
        data = request.POST.copy()
        data["key"] = key
        form = check_form(case, state, data, request.FILES)
        if not form.is_valid():
            self.check_form = form
            return self.show_again(DomainError(_("Not saved. See what is marked below."), code="form"))
        values = form.cleaned_data
        try:
            services.record_check(
                application_id=case.application.pk,
                officer=self.officer,
                expected_version=values["version"],
                key=key,
                result=values["result"],
                field=values["field"],
                reason=values["reason"],
                source=values["source"],
                evidence_text=values["evidence_text"],
                evidence_file=values["evidence_file"],
            )
        except DomainError as error:
            self.check_form = form
            names = {"file": "evidence_file"}
            field = names.get(error.field, error.field)
            form.add_error(field if field in form.fields else None, str(error.message))
            return self.show_again(error)
        following = self._following(key)
        return self.back_to_case(f"#{anchor(following)}")

    def _following(self, key: str) -> str:
        """The next check without an answer after this one, or this one when all are answered."""
        del self.__dict__["case"]
        states = self.case.states
        keys = [state.check.key for state in states]
        start = keys.index(key) + 1
        return next((s.check.key for s in [*states[start:], *states[:start]] if not s.is_done), key)


class NoteView(PostedFromCase):
    """Leaving a note for colleagues."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        application = self.find_case(self.code)
        try:
            services.add_note(
                application_id=application.pk, officer=self.officer, text=request.POST.get("text", "")[:4000]
            )
        except DomainError as error:
            self.note_form = NoteForm(request.POST)
            return self.show_again(error)
        messages.success(request, _("Note saved. Only officers of your agency see it."))
        return self.back_to_case()


class IdentityView(PostedFromCase):
    """Showing NIK, NPWP, phone and turnover in full; written down each time."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        services.log_identity_view(application=self.case.application, officer=self.officer)
        self.shows_identity = True
        return self.render_to_response(self.get_context_data())
