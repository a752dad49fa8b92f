"""The admin's screens for what people tell the search: synonyms, words with a rule, pinned results, and "Try it"."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.menu import MenuItem, SubmenuMenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.snippets.views.snippets import CreateView, DeleteView, EditView, SnippetViewSet, SnippetViewSetGroup

from marketplace.core.admin_access import AdminPage, PolicyMenuItem, PolicyMixin
from search.lexicon import current_analyser
from search.models import LexiconWord, PinnedResult, SynonymGroup
from search.pins import key_of, same_search
from search.policies import may_keep_words
from search.queries import clean_text
from search.trail import DELETED, SAVED, write_down
from search.trying import group_of, reading_of_products, try_text
from umkm.verification.wagtail_hooks import OfficerMenuItem

MENU_HOOK = "register_search_menu_item"
MOST_PINNED = 12


# --- who changed what ----------------------------------------------------------------------------------------------
class _Recorded:
    """Writes down who saved or deleted a row, in the transaction that does it. For the admin's own views of a model."""

    request: HttpRequest

    def form_valid(self, form: ModelForm) -> HttpResponseBase:
        """Save it. Where somebody was quicker since it was checked, check again: the form says what is in the way."""
        try:
            return super().form_valid(form)  # type: ignore[misc]
        except IntegrityError:
            again = self.get_form()  # type: ignore[attr-defined]
            if self.is_valid(again):  # type: ignore[attr-defined]
                raise
            return self.form_invalid(again)  # type: ignore[attr-defined]

    def save_instance(self) -> models.Model:
        instance: models.Model = super().save_instance()  # type: ignore[misc]
        write_down(row=instance, actor=self.request.user, verb=SAVED)
        return instance

    def delete_action(self) -> None:
        with transaction.atomic():
            write_down(row=self.object, actor=self.request.user, verb=DELETED)  # type: ignore[attr-defined]
            super().delete_action()  # type: ignore[misc]


class _BegunWith:
    """A form for something new that begins with a text of the address, or leads to what is there for it already.

    Arguments:
        parameter: the name of the text in the address; field: where it goes in the form.
    """

    parameter = ""
    field = ""
    request: HttpRequest

    @cached_property
    def begun(self) -> str:
        longest = self.model._meta.get_field(self.field).max_length  # type: ignore[attr-defined]
        return clean_text(self.request.GET.get(self.parameter, ""))[:longest].strip()

    def known(self) -> models.Model | None:
        """What is there already for the text."""
        return None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        there = self.known() if self.begun else None
        if there is None:
            return super().get(request, *args, **kwargs)  # type: ignore[misc]
        messages.info(request, _("There is something for “%(words)s” already: change it here.") % {"words": there})
        return redirect(reverse(self.edit_url_name, args=[there.pk]))  # type: ignore[attr-defined]

    def get_initial_form_instance(self) -> models.Model | None:
        if self.begun:
            return self.model(**{self.field: self.begun})  # type: ignore[attr-defined]
        return super().get_initial_form_instance()  # type: ignore[misc]


class RecordedCreateView(_Recorded, CreateView):
    pass


class RecordedEditView(_Recorded, EditView):
    pass


class RecordedDeleteView(_Recorded, DeleteView):
    pass


class _Lists(SnippetViewSet):
    """What all the lists share."""

    icon = "list-ul"
    copy_view_enabled = False
    add_view_class = RecordedCreateView
    edit_view_class = RecordedEditView
    delete_view_class = RecordedDeleteView


# --- words ---------------------------------------------------------------------------------------------------------
class SynonymCreateView(_BegunWith, RecordedCreateView):
    parameter, field = "word", "canonical"

    def known(self) -> models.Model | None:
        return group_of(self.begun)


class SynonymViewSet(_Lists):
    model = SynonymGroup
    add_view_class = SynonymCreateView
    list_display = ["canonical", "spellings", "synonyms", "english", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["canonical", "spellings", "synonyms", "narrower", "english"]


class LexiconWordViewSet(_Lists):
    model = LexiconWord
    list_display = ["word", "kind"]
    list_filter = ["kind"]
    search_fields = ["word"]


# --- pins ----------------------------------------------------------------------------------------------------------
class PinForm(WagtailAdminModelForm):
    """A pin; two pins never mean the same search."""

    def clean_query(self) -> str:
        """The search as it is compared, and no other pin for it."""
        text = clean_text(self.cleaned_data["query"])
        key = key_of(text, current_analyser())
        if not key:
            raise ValidationError(_("There is no word in it. Write what people type."))
        others = PinnedResult.objects.exclude(pk=self.instance.pk)
        other = same_search(text, but_not=self.instance.pk) or others.filter(key=key).first()
        if other is not None:
            raise ValidationError(
                _("“%(other)s” means the same search. Add the products there.") % {"other": other.query}
            )
        self.instance.key = key
        return text

    def is_valid(self) -> bool:
        """A product that is there twice is told beside it, in the admin's own words only above them all."""
        valid: bool = super().is_valid()
        products = self.formsets["products"]
        twice = [form for form in products.forms if form.errors.pop(NON_FIELD_ERRORS, None)]
        for form in twice:
            form.add_error("product", _("This product is there already. Take one away."))
        if twice:
            products.non_form_errors().clear()
        return valid


class PinCreateView(_BegunWith, RecordedCreateView):
    parameter, field = "query", "query"

    def known(self) -> models.Model | None:
        return same_search(self.begun)


class PinnedResultViewSet(_Lists):
    model = PinnedResult
    icon = "thumbtack"
    add_view_class = PinCreateView
    ordering = ["query"]
    search_fields = ["query"]
    list_filter = ["is_active"]
    list_display = [
        "query",
        Column("product_count", label=gettext_lazy("Products")),
        DateColumn("starts_on", label=gettext_lazy("From")),
        DateColumn("ends_on", label=gettext_lazy("Until")),
        BooleanColumn("is_active", label=gettext_lazy("In use")),
    ]

    edit_handler = ObjectList(
        [
            FieldPanel("query"),
            InlinePanel(
                "products",
                [FieldPanel("product")],
                heading=gettext_lazy("Products, first to last"),
                help_text=gettext_lazy(
                    "They stand first, marked as the editor's choice, unless a buyer filters or orders the list. "
                    "What is sold out or no longer on sale is left out by itself."
                ),
                label=gettext_lazy("Product"),
                min_num=1,
                max_num=MOST_PINNED,
            ),
            MultiFieldPanel(
                [FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]), FieldPanel("is_active")],
                heading=gettext_lazy("When"),
            ),
        ],
        base_form_class=PinForm,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PinnedResult]:
        """Each with the number of its products."""
        return PinnedResult.objects.annotate(product_count=Count("products"))


# --- try it --------------------------------------------------------------------------------------------------------
class TryView(PolicyMixin, AdminPage):
    """What becomes of a word, and what buyers find with it now. Alone as a part of the page for the script."""

    policy = staticmethod(may_keep_words)
    page_title = gettext_lazy("Try a word")
    header_icon = "search"
    template_name = "search/admin/try.html"
    results_only = False

    def get_template_names(self) -> list[str]:
        return ["search/admin/try_results.html" if self.results_only else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        trial = try_text(self.request.GET.get("q", ""))
        user = self.request.user
        return super().get_context_data(**kwargs) | {
            "trial": trial,
            "reading": reading_of_products(),
            "may_pin": user.has_perm("search.add_pinnedresult"),
            "may_add_words": user.has_perm("search.add_synonymgroup"),
        }


# --- the menu ------------------------------------------------------------------------------------------------------
class _WordsMenuItem(SubmenuMenuItem, OfficerMenuItem):
    """Officers, too, see it in their menu; what is in it asks for its own permission."""


class SearchWordsViewSetGroup(SnippetViewSetGroup):
    items = (SynonymViewSet, LexiconWordViewSet, PinnedResultViewSet)
    menu_label = gettext_lazy("Search words")
    menu_name = "search-words"
    menu_icon = "search"
    menu_order = 320
    submenu_hook = MENU_HOOK
    add_to_admin_menu = True

    def get_submenu_items(self) -> list[MenuItem]:
        return [
            *super().get_submenu_items(),
            PolicyMenuItem(
                gettext_lazy("Try a word"),
                reverse("search_admin:try"),
                name="try-a-word",
                icon_name="view",
                order=90,
                policy=may_keep_words,
            ),
        ]

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        item: Any = super().get_menu_item(order)
        return _WordsMenuItem(
            item.label, item.menu, name=item.name, icon_name=item.icon_name, classname=item.classname, order=item.order
        )
