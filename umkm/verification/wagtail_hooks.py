"""Where the officers' screens meet the admin: addresses, menu, style sheet, script."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from marketplace.accounts.selectors import is_operator
from umkm.verification.looking import officer_looking
from umkm.verification.views import case, decide, files, queue, renewals, vendors


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern | URLResolver]:
    """Cases live under the queue's address, so that the menu lights up for them too."""
    patterns = [
        path("antrean/", queue.QueueView.as_view(), name="queue"),
        path("antrean/hasil/", queue.QueueView.as_view(results_only=True), name="queue_results"),
        path("antrean/berikutnya/", decide.NextCaseView.as_view(), name="next"),
        path("antrean/<str:code>/", case.CaseView.as_view(), name="case"),
        path("antrean/<str:code>/ambil/", decide.ClaimView.as_view(), name="claim"),
        path("antrean/<str:code>/lepas/", decide.ReleaseView.as_view(), name="release"),
        path("antrean/<str:code>/pindahkan/", decide.HandOverView.as_view(), name="hand_over"),
        path("antrean/<str:code>/periksa/<str:key>/", case.CheckView.as_view(), name="check"),
        path("antrean/<str:code>/catatan/", case.NoteView.as_view(), name="note"),
        path("antrean/<str:code>/identitas/", case.IdentityView.as_view(), name="identity"),
        path("antrean/<str:code>/bukti/<int:pk>/", files.EvidenceView.as_view(), name="evidence"),
        path("antrean/<str:code>/setujui/", decide.ApproveView.as_view(), name="approve"),
        path("antrean/<str:code>/kembalikan/", decide.ReturnView.as_view(), name="return"),
        path("antrean/<str:code>/tolak/", decide.RejectView.as_view(), name="reject"),
        path("dokumen/", renewals.RenewalListView.as_view(), name="renewals"),
        path("dokumen/hasil/", renewals.RenewalListView.as_view(results_only=True), name="renewals_results"),
        path("dokumen/<int:pk>/", renewals.RenewalView.as_view(), name="renewal"),
        path("usaha/", vendors.VendorListView.as_view(), name="vendors"),
        path("usaha/hasil/", vendors.VendorListView.as_view(results_only=True), name="vendors_results"),
        path("usaha/<slug:slug>/", vendors.VendorView.as_view(), name="vendor"),
        path("usaha/<slug:slug>/tangguhkan/", vendors.SuspendView.as_view(), name="vendor_suspend"),
        path("usaha/<slug:slug>/tutup/", vendors.CloseView.as_view(), name="vendor_close"),
        path("usaha/<slug:slug>/pulihkan/", vendors.RestoreView.as_view(), name="vendor_restore"),
        path("usaha/<slug:slug>/buka-lagi/", vendors.ReopenView.as_view(), name="vendor_reopen"),
    ]
    return [path("verifikasi/", include((patterns, "verification")))]


class OfficerMenuItem(MenuItem):
    """Shown to officers only; officers see only these."""

    def is_shown(self, request: HttpRequest) -> bool:
        return is_officer(request)


def is_officer(request: HttpRequest) -> bool:
    """Whether an officer looks."""
    return officer_looking(request) is not None


@hooks.register("register_admin_menu_item")
def queue_item() -> MenuItem:
    return OfficerMenuItem(
        _("Queue"), reverse("verification:queue"), name="queue", icon_name="clipboard-list", order=10
    )


@hooks.register("register_admin_menu_item")
def renewals_item() -> MenuItem:
    return OfficerMenuItem(
        _("Renewed papers"), reverse("verification:renewals"), name="renewals", icon_name="doc-full-inverse", order=12
    )


class SupervisorMenuItem(OfficerMenuItem):
    """For officers, and for operators who look after every agency's businesses."""

    def is_shown(self, request: HttpRequest) -> bool:
        return is_officer(request) or is_operator(request.user)


@hooks.register("register_admin_menu_item")
def businesses_item() -> MenuItem:
    return SupervisorMenuItem(
        _("Businesses"), reverse("verification:vendors"), name="businesses", icon_name="home", order=15
    )


@hooks.register("construct_main_menu")
def only_their_tools(request: HttpRequest, items: list[Any]) -> None:
    """Officers see their own tools. "help" stays: Wagtail opens the dialog of shortcuts from an item inside it."""
    if is_officer(request) and not request.user.is_superuser:
        items[:] = [item for item in items if isinstance(item, OfficerMenuItem) or item.name == "help"]


@hooks.register("construct_help_menu")
def only_shortcuts(request: HttpRequest, items: list[Any]) -> None:
    if is_officer(request) and not request.user.is_superuser:
        items[:] = [item for item in items if "shortcut" in item.name]


@hooks.register("insert_global_admin_css")
def global_css() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("officers/officers.css"))


@hooks.register("insert_global_admin_js")
def global_js() -> SafeString:
    return format_html('<script src="{}" defer></script>', static("officers/officers.js"))
