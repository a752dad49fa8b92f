"""The first screen of those who write the pages: places to change, drafts, what waits, what went online, answers."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.contrib.forms.models import FormSubmission
from wagtail.users.models import UserProfile

from cms.admin_home import DraftsPanel, PublishedPanel, WaitingPanel
from cms.models import ArticlePage, FormPage, HomePage
from cms.services import ensure_home

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(scene) -> HomePage:
    return ensure_home()


def _panel(html: str, name: str) -> str:
    """The panel called `name`, up to the next one."""
    start = html.index(f'id="{name}-section"')
    return html[start : html.index("</section>", start)]


def test_the_first_screen_leads_to_what_is_changed_most(editor_client, home):
    html = editor_client.get("/admin/").content.decode()
    places = _panel(html, "places")
    for page in HomePage.objects.all():
        assert f'href="/admin/pages/{page.pk}/edit/"' in places
    for address in (
        "/admin/settings/cms/navigation/",
        "/admin/settings/cms/siteidentity/",
        "/admin/snippets/search/pinnedresult/",
        "/admin/snippets/search/synonymgroup/",
        "/admin/pencarian/",
    ):
        assert f'href="{address}"' in places
    assert "Ubah situs" in places
    assert len(re.findall("<h1", html)) == 1


def test_every_place_on_it_opens(editor_client, home):
    places = _panel(editor_client.get("/admin/").content.decode(), "places")
    addresses = set(re.findall(r'href="(/admin/[^"#]+)"', places))
    assert len(addresses) >= 7
    for address in addresses:
        assert editor_client.get(address, follow=True).status_code == 200, address


def test_drafts_of_mine_stand_there_until_they_are_published(editor_client, scene, home):
    page = ArticlePage.objects.first()
    page.title = "Cara bayar yang baru"
    revision = page.save_revision(user=scene.people["editor"])
    assert "Cara bayar yang baru" in _panel(editor_client.get("/admin/").content.decode(), "drafts")
    revision.publish(user=scene.people["editor"])
    html = editor_client.get("/admin/").content.decode()
    assert "Cara bayar yang baru" not in _panel(html, "drafts")
    published = _panel(html, "published")
    assert published.index("Cara bayar yang baru") < published.index("o-panel-foot")
    assert str(scene.people["editor"].get_full_name()) in published


def test_drafts_of_others_are_counted_only(editor_client, scene, home):
    page = ArticlePage.objects.first()
    page.title = "Tulisan orang lain"
    page.save_revision(user=scene.people["operator"])
    drafts = _panel(editor_client.get("/admin/").content.decode(), "drafts")
    assert "Tulisan orang lain" not in drafts
    assert "1 draf orang lain" in drafts


def test_pages_that_wait_for_approval_or_their_day(scene, home):
    editor = scene.people["editor"]
    asked, planned, ending = ArticlePage.objects.all()[:3]
    asked.save_revision(user=editor)
    asked.get_workflow().start(asked, editor)
    planned.go_live_at = timezone.now() + timedelta(days=2)
    planned.save_revision(user=editor).publish(user=editor)
    ending.expire_at = timezone.now() + timedelta(days=3)
    ending.save_revision(user=editor).publish(user=editor)
    rows = {row["page"].pk: row for row in WaitingPanel(editor).get_context_data({})["rows"]}
    assert set(rows) == {asked.pk, planned.pk, ending.pk}
    assert rows[asked.pk]["workflow"].requested_by == editor
    assert rows[planned.pk]["planned"].approved_go_live_at == planned.go_live_at
    assert rows[ending.pk]["expires"] == ending.expire_at


def test_answers_to_forms_are_told_with_what_is_new(editor_client, home):
    form = FormPage.objects.get(slug="pengaduan", locale__language_code="id")
    FormSubmission.objects.create(page=form, form_data={})
    old = FormSubmission.objects.create(page=form, form_data={})
    FormSubmission.objects.filter(pk=old.pk).update(submit_time=timezone.now() - timedelta(days=30))
    answers = _panel(editor_client.get("/admin/").content.decode(), "answers")
    assert "2 jawaban" in answers
    assert "1 baru dalam 7 hari" in answers


def test_operators_see_their_numbers_and_the_pages_officers_neither(operator_client, officer_client, home):
    html = operator_client.get("/admin/").content.decode()
    assert "Pembayaran untuk diperiksa" in html
    assert 'id="places-section"' in html
    assert 'id="places-section"' not in officer_client.get("/admin/").content.decode()


def test_it_speaks_english_to_those_who_chose_it(editor_client, scene, home):
    profile = UserProfile.get_for_user(scene.people["editor"])
    profile.preferred_language = "en"
    profile.save()
    html = editor_client.get("/admin/").content.decode()
    assert "Change the site" in _panel(html, "places")
    assert "Ubah situs" not in html


@pytest.mark.parametrize("drafts", [1, 4])
def test_the_panels_ask_as_often_for_many_pages_as_for_one(
    editor_client, scene, home, drafts, django_assert_num_queries
):
    editor = scene.people["editor"]
    for page in ArticlePage.objects.all()[:drafts]:
        page.save_revision(user=editor)
    editor.get_all_permissions()
    for panel, queries in ((DraftsPanel, 3), (WaitingPanel, 3), (PublishedPanel, 3)):
        with django_assert_num_queries(queries):
            context = panel(editor).get_context_data({})
            list(context["rows"])
