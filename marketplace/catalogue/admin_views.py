"""Product moderation in the admin: what waits, one product at a time, and taking a product off sale."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from marketplace.accounts.models import Officer
from marketplace.accounts.selectors import is_operator
from marketplace.catalogue.findings import proposed_reason
from marketplace.catalogue.models import Product
from marketplace.catalogue.review import Review, Waiting, review_of, waiting_products
from marketplace.catalogue.services import take_down_product
from marketplace.catalogue.tasks import APPROVE, REJECT
from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed
from umkm.verification import clock
from umkm.verification.looking import officer_looking


class ModeratorMixin:
    """Only for officers and operators; everything is fetched through what they may judge."""

    officer: Officer | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.officer = officer_looking(request)
        if self.officer is None and not is_operator(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    @cached_property
    def waiting(self) -> list[Waiting]:
        return waiting_products(self.request.user)  # type: ignore[attr-defined]

    def find(self, pk: int) -> Waiting:
        """The product that waits, or 404: another region's does not exist here."""
        found = next((item for item in self.waiting if item.state.pk == pk), None)
        if found is None:
            raise Http404
        return found


class ModerationQueueView(ModeratorMixin, WagtailAdminTemplateMixin, TemplateView):
    """Everything that waits, oldest first."""

    template_name = "catalogue_admin/queue.html"
    page_title = gettext_lazy("Product moderation")
    header_icon = "image"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_header_buttons(self) -> list[HeaderButton]:
        if not self.waiting:
            return []
        url = reverse("moderation:product", args=[self.waiting[0].state.pk])
        attrs = {"aria-keyshortcuts": "n"}
        return [HeaderButton(_("Begin with the oldest"), url=url, icon_name="check", attrs=attrs)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [{"waiting": item, "due": clock.due_words(item.due)} for item in self.waiting]
        region = self.officer.agency.region if self.officer else None
        return {**super().get_context_data(**kwargs), "rows": rows, "region": region}


class ModerationView(ModeratorMixin, WagtailAdminTemplateMixin, TemplateView):
    """One product: on sale beside proposed, what a machine noticed, and one key to decide."""

    template_name = "catalogue_admin/product.html"
    header_icon = "image"
    comment: str | None = None
    error: DomainError | None = None

    @cached_property
    def position(self) -> int:
        return next(index for index, item in enumerate(self.waiting) if item.state.pk == self.kwargs["pk"])

    @cached_property
    def review(self) -> Review:
        return review_of(self.find(self.kwargs["pk"]))

    def get_page_title(self) -> str:
        return self.review.waiting.name

    def get_page_subtitle(self) -> str:
        return _("%(number)s of %(total)s") % {"number": self.position + 1, "total": len(self.waiting)}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("moderation:queue"), "label": _("Product moderation")},
            {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()},
        ]

    def get_header_buttons(self) -> list[HeaderButton]:
        buttons = []
        for step, label, icon, key in ((-1, _("Previous"), "arrow-left", "k"), (1, _("Next"), "arrow-right", "j")):
            index = self.position + step
            if 0 <= index < len(self.waiting):
                url = reverse("moderation:product", args=[self.waiting[index].state.pk])
                attrs = {"aria-keyshortcuts": key}
                buttons.append(
                    HeaderButton(label, url=url, icon_name=icon, icon_only=True, priority=10 + step, attrs=attrs)
                )
        return buttons

    def following(self) -> Waiting | None:
        """The one after this, or the first of the others."""
        others = [*self.waiting[self.position + 1 :], *self.waiting[: self.position]]
        return others[0] if others else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        review = self.review
        following = self.following()
        skip = reverse("moderation:product", args=[following.state.pk]) if following else reverse("moderation:queue")
        reason = self.comment if self.comment is not None else proposed_reason(review.findings)
        return {
            **super().get_context_data(**kwargs),
            "review": review,
            "waiting": review.waiting,
            "vendor": review.draft.vendor,
            "due": clock.due_words(review.waiting.due),
            "problems": sum(finding.level == "problem" for finding in review.findings),
            "looks": sum(finding.level == "look" for finding in review.findings),
            "reason": reason,
            "following": following,
            "skip_url": skip,
            "error": self.error,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        waiting = self._still_waiting()
        if waiting is None:
            return redirect("moderation:queue")
        action = APPROVE if request.POST.get("action") == APPROVE else REJECT
        self.comment = request.POST.get("comment", "")[:4000]
        following = self.following()
        try:
            waiting.state.task.specific.on_action(
                waiting.state, request.user, action, comment="" if action == APPROVE else self.comment
            )
        except (NotAllowed, IllegalTransition) as error:
            messages.warning(request, str(error.message))
            return self._go_on(following)
        except DomainError as error:
            self.error = error
            return self.render_to_response(self.get_context_data(), status=422)
        self._say(waiting, action)
        return self._go_on(following)

    def _still_waiting(self) -> Waiting | None:
        """The product, or nothing with a word of why when a colleague or its owner was faster."""
        found = next((item for item in self.waiting if item.state.pk == self.kwargs["pk"]), None)
        if found is None:
            messages.warning(
                self.request,
                _("Nothing was saved: this product no longer waits for you. A colleague or its owner was faster."),
            )
        return found

    def _say(self, waiting: Waiting, action: str) -> None:
        if action == REJECT:
            messages.success(self.request, _("%(product)s went back to its owner.") % {"product": waiting.name})
            return
        take_down = reverse("moderation:take_down", args=[waiting.product.pk])
        messages.success(
            self.request,
            _("%(product)s is approved and on sale.") % {"product": waiting.name},
            buttons=[messages.button(take_down, _("Take it off sale"))],
        )

    def _go_on(self, following: Waiting | None) -> HttpResponse:
        if following is None:
            return redirect("moderation:queue")
        return redirect("moderation:product", pk=following.state.pk)


class NextReviewView(ModeratorMixin, View):
    """Opens the oldest one."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.waiting:
            return redirect("moderation:queue")
        return redirect("moderation:product", pk=self.waiting[0].state.pk)


class TakeDownView(ModeratorMixin, WagtailAdminTemplateMixin, TemplateView):
    """Takes a product off sale, with the reason that its owner reads."""

    template_name = "catalogue_admin/take_down.html"
    header_icon = "image"
    error: DomainError | None = None
    comment = ""

    @cached_property
    def product(self) -> Product:
        products = Product.objects.select_related("vendor")
        if self.officer is not None and not is_operator(self.request.user):
            products = products.filter(vendor__agency_id=self.officer.agency_id)
        product = products.filter(pk=self.kwargs["pk"], live=True).first()
        if product is None:
            raise Http404
        return product

    def get_page_title(self) -> str:
        return _("Take %(product)s off sale") % {"product": self.product}

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("moderation:queue"), "label": _("Product moderation")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "product": self.product, "error": self.error, "comment": self.comment}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.comment = request.POST.get("comment", "")[:4000]
        name = str(self.product)
        try:
            take_down_product(product_id=self.product.pk, actor=request.user, reason=self.comment)
        except DomainError as error:
            self.error = error
            return self.render_to_response(self.get_context_data(), status=422)
        messages.success(request, _("%(product)s is off sale. Its owner has been told why.") % {"product": name})
        return redirect("moderation:queue")
