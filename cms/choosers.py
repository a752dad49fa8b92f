"""Choosing products, shops and categories in the editor, each with a search by name."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from marketplace.catalogue.models import Product
from umkm.vendors.models import Vendor

__all__ = ["ProductChooserBlock", "VendorChooserBlock", "product_chooser", "vendor_chooser"]


class NameFilterForm(BaseFilterForm):
    q = forms.CharField(label=_("Name"), required=False)

    def filter(self, objects: QuerySet[Any]) -> QuerySet[Any]:
        """Those whose name contains what was typed."""
        words = self.cleaned_data.get("q")
        self.is_searching = bool(words)
        self.search_query = words
        return objects.filter(name__icontains=words) if words else objects


class _ProductRows:
    filter_form_class = NameFilterForm

    def get_object_list(self) -> QuerySet[Product]:
        """Only what visitors may see can be put on a page."""
        return Product.objects.visible_products().select_related("vendor").order_by("name")

    @property
    def columns(self) -> list[Column]:
        return [*super().columns, Column("vendor", label=_("Shop"))]  # type: ignore[misc]


class ProductChooseView(_ProductRows, ChooseView):
    pass


class ProductChooseResultsView(_ProductRows, ChooseResultsView):
    pass


class _VendorRows:
    filter_form_class = NameFilterForm

    def get_object_list(self) -> QuerySet[Vendor]:
        """Only open shops can be put on a page."""
        return Vendor.objects.open().order_by("name")


class VendorChooseView(_VendorRows, ChooseView):
    pass


class VendorChooseResultsView(_VendorRows, ChooseResultsView):
    pass


class ProductChooserViewSet(ChooserViewSet):
    model = Product
    icon = "pick"
    choose_one_text = _("Choose a product")
    choose_another_text = _("Choose another product")
    choose_view_class = ProductChooseView
    choose_results_view_class = ProductChooseResultsView
    per_page = 20


class VendorChooserViewSet(ChooserViewSet):
    model = Vendor
    icon = "group"
    choose_one_text = _("Choose a shop")
    choose_another_text = _("Choose another shop")
    choose_view_class = VendorChooseView
    choose_results_view_class = VendorChooseResultsView
    per_page = 20


product_chooser = ProductChooserViewSet("product_chooser")
vendor_chooser = VendorChooserViewSet("vendor_chooser")
ProductChooserBlock = product_chooser.get_block_class(name="ProductChooserBlock", module_path="cms.choosers")
VendorChooserBlock = vendor_chooser.get_block_class(name="VendorChooserBlock", module_path="cms.choosers")
