"""Questions about cases. Everything starts from `scoped_to(officer)`: other regions' cases do not exist here."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.accounts.models import Officer
from marketplace.audit.models import AuditEvent
from marketplace.audit.selectors import events_about
from marketplace.reference.models import DocumentKind
from umkm.registration.models import ApplicationRound, FieldReturn, LegalDocument, VendorApplication
from umkm.registration.querysets import VendorApplicationQuerySet
from umkm.registration.selectors import Hint, hints_for_officer
from umkm.verification import checks, clock
from umkm.verification.models import CaseNote, Decision, FieldCheck

Status = VendorApplication.Status


def cases_of(officer: Officer) -> VendorApplicationQuerySet:
    """Every case that the officer's agency may see."""
    return VendorApplication.objects.scoped_to(officer)


def free_cases(officer: Officer) -> VendorApplicationQuerySet:
    """Cases that nobody has taken, the most urgent first; without the officer's own applications."""
    return (
        cases_of(officer)
        .filter(status=Status.SUBMITTED, claimed_by=None)
        .exclude(owner_id=officer.user_id)
        .order_by("due_at", "submitted_at", "pk")
    )


def held_cases(officer: Officer) -> VendorApplicationQuerySet:
    """Cases that the officer works on, the most urgent first."""
    return cases_of(officer).waiting().filter(claimed_by=officer).order_by("due_at", "pk")


def with_progress(cases: VendorApplicationQuerySet) -> VendorApplicationQuerySet:
    """The cases with everything that `progress_of` reads, in a fixed number of queries."""
    return cases.select_related("claimed_by__user", "village__parent", "subsector").prefetch_related(
        Prefetch("rounds", ApplicationRound.objects.order_by("number")),
        Prefetch("checks", FieldCheck.objects.select_related("round", "officer__user")),
    )


def kind_names() -> dict[str, str]:
    """What each kind of paper is called, by slug."""
    return {kind.slug: kind.display_name for kind in DocumentKind.objects.all()}


@dataclass(frozen=True)
class Progress:
    """How far a case is, and in a few words what it needs."""

    done: int
    total: int
    needs: str

    @property
    def is_complete(self) -> bool:
        """Whether all of its checks are done."""
        return self.done == self.total


def progress_of(case: VendorApplication) -> Progress:
    """How far the case is. Reads only what `with_progress` has loaded."""
    rounds = list(case.rounds.all())
    states = checks.state_of_checks(rounds, case.checks.all())
    return Progress(done=sum(state.is_done for state in states), total=len(states), needs=_needs(case, rounds))


def _needs(case: VendorApplication, rounds: list[ApplicationRound]) -> str:
    if case.status == Status.RETURNED:
        return _("With the applicant, the clock stands still")
    if len(rounds) > 1:
        before, after = checks.as_submitted(rounds[-2]), checks.as_submitted(rounds[-1])
        changed = _changed_targets(before, after)
        return ngettext("Fixed: %(count)s answer changed", "Fixed: %(count)s answers changed", len(changed)) % {
            "count": len(changed)
        }
    if case.has_no_nib:
        return _("No NIB yet: offer assistance")
    return str(case.subsector or "")


def _changed_targets(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    fields = [key for key, value in after["fields"].items() if before["fields"].get(key, "") != value]
    kinds = {*before["documents"], *after["documents"]}
    papers = [kind for kind in kinds if before["documents"].get(kind) != after["documents"].get(kind)]
    return fields + papers


def queue_counts(officer: Officer) -> dict[str, int]:
    """How many cases stand in each view of the queue, in one query."""
    waiting = Q(status__in=VendorApplication.AWAITING)
    return cases_of(officer).aggregate(
        waiting=Count("pk", filter=waiting),
        free=Count("pk", filter=waiting & Q(claimed_by=None)),
        mine=Count("pk", filter=waiting & Q(claimed_by=officer)),
        applicant=Count("pk", filter=Q(status=Status.RETURNED)),
        decided=Count("pk", filter=Q(status__in=VendorApplication.DECIDED)),
    )


@dataclass(frozen=True)
class Paper:
    """A paper as the side panel shows it: the current one and, where it was replaced, the one before."""

    kind: DocumentKind
    current: LegalDocument
    before: LegalDocument | None = None
    is_new: bool = False


@dataclass
class CaseFile:
    """Everything that the case page shows."""

    application: VendorApplication
    rounds: list[ApplicationRound]
    states: list[checks.CheckState]
    papers: list[Paper]
    decisions: list[Decision]
    notes: list[CaseNote]
    kind_names: dict[str, str]
    returns: list[FieldReturn]
    hints: list[Hint] = field(default_factory=list)

    @property
    def current_round(self) -> ApplicationRound:
        """The round that was sent in last."""
        return self.rounds[-1]

    @property
    def open_states(self) -> list[checks.CheckState]:
        """What this round is about: everything in the first, later what changed or did not pass."""
        return [state for state in self.states if not state.is_kept]

    @property
    def kept_states(self) -> list[checks.CheckState]:
        """Passed earlier and untouched since."""
        return [state for state in self.states if state.is_kept]

    @property
    def left(self) -> int:
        """How many checks still have no answer."""
        return sum(not state.is_done for state in self.states)

    @property
    def done(self) -> int:
        """How many checks have an answer."""
        return len(self.states) - self.left

    @property
    def done_now(self) -> int:
        """How many of this round's checks have an answer."""
        return sum(state.is_done for state in self.open_states)

    @property
    def not_passed(self) -> int:
        """How many checks keep the case from being approved."""
        return sum(not state.is_passed for state in self.states)

    @property
    def failed(self) -> int:
        """How many checks found something wrong."""
        return sum(state.state == "problem" for state in self.states)

    @property
    def is_ready(self) -> bool:
        """Whether the case may be approved."""
        return all(state.is_passed for state in self.states)


def find_case(officer: Officer, code: str) -> VendorApplication | None:
    """The case with this code, or None when the officer's agency has no such case."""
    return (
        cases_of(officer)
        .select_related("owner", "agency", "claimed_by__user", "village__parent__parent", "subsector", "kbli", "vendor")
        .filter(code=code)
        .first()
    )


def case_file(application: VendorApplication) -> CaseFile:
    """The case with its rounds, checks, papers, decisions and notes."""
    rounds = list(application.rounds.order_by("number"))
    results = list(application.checks.select_related("round", "officer__user"))
    returns = list(FieldReturn.objects.filter(round__application=application).select_related("officer__user", "round"))
    names = kind_names()
    return CaseFile(
        application=application,
        rounds=rounds,
        states=checks.state_of_checks(rounds, results, returns, names),
        papers=_papers(application, rounds),
        decisions=list(application.decisions.select_related("officer__user", "round").order_by("at")),
        notes=list(application.notes.select_related("officer__user").order_by("at")),
        kind_names=names,
        returns=returns,
        hints=hints_for_officer(application),
    )


def _papers(application: VendorApplication, rounds: list[ApplicationRound]) -> list[Paper]:
    """Papers that were submitted, the changed ones first."""
    by_kind: dict[int, list[LegalDocument]] = {}
    last = rounds[-1].number if rounds else 0
    documents = application.documents.filter(round__lte=last).select_related("kind", "uploaded_by")
    for document in documents.order_by("kind__position", "-round", "-pk"):
        by_kind.setdefault(document.kind_id, []).append(document)
    in_round = {
        paper.get("id")
        for paper in (checks.as_submitted(rounds[-1])["documents"].values() if rounds else [])
        if isinstance(paper, dict)
    }
    papers = []
    for versions in by_kind.values():
        current = next((item for item in versions if item.pk in in_round), None)
        if current is None:
            continue
        before = next((item for item in versions if item.round < current.round), None)
        papers.append(Paper(current.kind, current, before, is_new=last > 1 and current.round == last))
    return sorted(papers, key=lambda paper: not paper.is_new)


@dataclass(frozen=True)
class HistoryEntry:
    """A line of the case's history."""

    at: datetime
    who: str
    what: str
    detail: str = ""
    is_decision: bool = False


def history_of(case: CaseFile) -> list[HistoryEntry]:
    """What happened to the case, newest first: rounds, who held it, checks, views of papers, decisions."""
    entries = [
        HistoryEntry(
            item.submitted_at, case.application.owner_name, _("sent round %(number)s") % {"number": item.number}
        )
        for item in case.rounds
    ]
    for decision in case.decisions:
        reasons = [
            checks.label_of(item.field, case.kind_names) for item in case.returns if item.round_id == decision.round_id
        ]
        entries.append(
            HistoryEntry(
                decision.at,
                decision.officer.user.get_full_name(),
                {"returned": _("returned it"), "approved": _("approved it"), "rejected": _("rejected it")}[
                    decision.outcome
                ],
                " · ".join(part for part in (", ".join(reasons), decision.letter) if part),
                is_decision=True,
            )
        )
    entries += _logged(events_about(case.application))
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _logged(events: Iterable[AuditEvent]) -> list[HistoryEntry]:
    words = {
        "verification.claimed": _("took the case"),
        "verification.released": _("put the case back"),
        "verification.handed_over": _("handed the case over"),
        "verification.identity_shown": _("had the personal numbers shown"),
        "verification.evidence_viewed": _("opened a file of evidence"),
        "registration.withdrawn": _("withdrew the application"),
    }
    return [
        HistoryEntry(
            event.created_at, event.actor.get_full_name() if event.actor else _("The system"), words[event.action]
        )
        for event in events
        if event.action in words
    ]


def decided_today(officer: Officer) -> int:
    """How many cases the officer decided since midnight."""
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Decision.objects.filter(officer=officer, at__gte=start).count()


def due_filter(group: clock.DueGroup) -> Q:
    """Cases whose deadline lies in this group."""
    since, until = clock.group_bounds()[group]
    condition = Q()
    if since is not None:
        condition &= Q(due_at__gte=since)
    if until is not None:
        condition &= Q(due_at__lt=until)
    return condition
