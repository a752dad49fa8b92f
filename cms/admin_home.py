"""The first screen of those who write the pages: where to change what, drafts, what waits, what went online."""

from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component
from wagtail.contrib.forms.models import FormSubmission
from wagtail.models import Page, Revision, WorkflowState
from wagtail.permissions import policy_registry

from cms.models import FormPage, HomePage
from marketplace.accounts.models import User

SHOWN = 6
ANSWERS_DAYS = 7


class EditorPanel(Component):
    """A panel of the first screen, in its main or side column. `name` tells it apart, `order` places it."""

    column = "main"
    name = ""
    order = 0

    def __init__(self, user: User) -> None:
        self.user = user

    def pages(self) -> Any:
        """The pages that this person may change, each with its language."""
        policy = policy_registry.get_by_type(Page)
        changeable = policy.instances_user_has_any_permission_for(self.user, {"change", "publish"})
        return changeable.filter(depth__gt=1).select_related("locale", "latest_revision__user", "live_revision__user")


def edit_url(page: Page) -> str:
    """Where a page is changed."""
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


class DraftsPanel(EditorPanel):
    """What this person wrote and nobody sees yet."""

    name = "editors_drafts"
    template_name = "cms/admin/home/drafts.html"
    order = 20

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """See Component."""
        drafts = self.pages().filter(has_unpublished_changes=True).order_by("-latest_revision_created_at", "pk")
        mine = drafts.filter(latest_revision__user=self.user)
        rows = list(mine[: SHOWN + 1])
        return {
            "rows": [{"page": page, "url": edit_url(page)} for page in rows[:SHOWN]],
            "has_more": len(rows) > SHOWN,
            "of_others": drafts.exclude(latest_revision__user=self.user).count(),
            "all_url": reverse("wagtailadmin_explore_root"),
        }


class WaitingPanel(EditorPanel):
    """Pages that wait for somebody's approval, or for their time."""

    name = "editors_waiting"
    template_name = "cms/admin/home/waiting.html"
    order = 30

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """See Component."""
        pages = self.pages()
        asked = {
            int(state.object_id): state
            for state in WorkflowState.objects.active()
            .filter(base_content_type=ContentType.objects.get_for_model(Page))
            .select_related("requested_by", "current_task_state__task")
        }
        planned = {
            int(revision.object_id): revision
            for revision in Revision.page_revisions.filter(approved_go_live_at__isnull=False).order_by(
                "approved_go_live_at"
            )
        }
        soon_gone = Q(live=True, expire_at__isnull=False)
        rows = [
            {
                "page": page,
                "url": edit_url(page),
                "workflow": asked.get(page.pk),
                "planned": planned.get(page.pk),
                "expires": page.expire_at if page.live else None,
            }
            for page in pages.filter(soon_gone | Q(pk__in=[*asked, *planned])).order_by("-latest_revision_created_at")
        ]
        return {"rows": rows}


class PublishedPanel(EditorPanel):
    """What went online last."""

    name = "editors_published"
    template_name = "cms/admin/home/published.html"
    order = 40

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """See Component."""
        pages = self.pages().filter(live=True, last_published_at__isnull=False).order_by("-last_published_at", "pk")
        return {
            "rows": [{"page": page, "url": edit_url(page), "live_url": page.get_url()} for page in pages[:SHOWN]],
            "all_url": reverse("wagtailadmin_reports:site_history"),
        }


class PlacesPanel(EditorPanel):
    """The places that are changed most often, each with what stands there."""

    column = "side"
    name = "editors_places"
    template_name = "cms/admin/home/places.html"
    order = 10

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """See Component."""
        homes = HomePage.objects.filter(pk__in=self.pages().values("pk")).select_related("locale").order_by("pk")
        places = [
            ("cms.change_navigation", _("Navigation"), _("links of header and footer"), _setting("navigation")),
            ("cms.change_siteidentity", _("Name, logo and contact"), _("also the colours"), _setting("siteidentity")),
            (
                "search.change_pinnedresult",
                _("Pinned results"),
                _("what stands first for a search"),
                reverse("wagtailsnippets_search_pinnedresult:list"),
            ),
            (
                "search.change_synonymgroup",
                _("Synonyms"),
                _("words that mean the same to buyers"),
                reverse("wagtailsnippets_search_synonymgroup:list"),
            ),
            (
                "search.change_synonymgroup",
                _("What people search for"),
                _("and what they do not find"),
                reverse("searches:overview"),
            ),
        ]
        return {
            "homes": [{"page": page, "url": edit_url(page), "live_url": page.get_url()} for page in homes],
            "places": [
                {"label": label, "words": words, "url": url}
                for permission, label, words, url in places
                if self.user.has_perm(permission)
            ],
        }


def _setting(name: str) -> str:
    return reverse("wagtailsettings:edit", args=["cms", name])


class AnswersPanel(EditorPanel):
    """What people wrote in the forms of the site lately."""

    column = "side"
    name = "editors_answers"
    template_name = "cms/admin/home/answers.html"
    order = 50

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """See Component."""
        since = timezone.now() - timedelta(days=ANSWERS_DAYS)
        forms = FormPage.objects.filter(pk__in=self.pages().values("pk")).select_related("locale").order_by("pk")
        counts = {
            row["page_id"]: row
            for row in FormSubmission.objects.values("page_id").annotate(
                total=Count("pk"), lately=Count("pk", filter=Q(submit_time__gte=since))
            )
        }
        return {
            "days": ANSWERS_DAYS,
            "rows": [
                {
                    "page": page,
                    "url": reverse("wagtailforms:list_submissions", args=[page.pk]),
                    "lately": counts.get(page.pk, {}).get("lately", 0),
                    "total": counts.get(page.pk, {}).get("total", 0),
                }
                for page in forms
            ],
        }


PANELS = (PlacesPanel, DraftsPanel, WaitingPanel, PublishedPanel, AnswersPanel)


def panels_for(user: User) -> list[EditorPanel]:
    """The panels of somebody who writes the pages."""
    return [panel(user) for panel in PANELS]
