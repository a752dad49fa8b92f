"""The owner's products: the list, the form, price and stock."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.catalogue.images import store_photo
from marketplace.catalogue.models import Product
from marketplace.catalogue.policies import may_edit
from marketplace.catalogue.querysets import ProductState
from marketplace.catalogue.revisions import current_draft
from marketplace.catalogue.selectors import products_of_vendor, what_is_missing
from marketplace.catalogue.services import submit_product
from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from marketplace.core.refusals import show_refusal
from umkm.portal.access import frame, member_view
from umkm.portal.forms import PhotoUploadForm, ProductForm
from umkm.portal.photos import photos_of, posted_photos, single_photo
from umkm.portal.selectors import papers_lacking, products_of
from umkm.portal.services import Count, save_prices_and_stock, save_product
from umkm.portal.stock_form import StockFormSet, posted_counts, stock_initial
from umkm.portal.variants import posted_variants, variants_of
from umkm.vendors.models import Vendor, VendorMember

PER_PAGE = 20


def product_or_404(vendor: Vendor, pk: int) -> Product:
    """A product of this shop with the state of its review; another shop's does not exist."""
    own = products_of_vendor(vendor).with_review().select_related("vendor__agency", "category")
    return get_object_or_404(own, pk=pk)


@member_view
@require_GET
def product_list(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """What the shop sells, by state, with price and stock."""
    vendor = member.vendor
    state = request.GET.get("status", "")
    state = state if state in ProductState.values else ""
    query = request.GET.get("q", "").strip()[:80]
    only_low_stock = request.GET.get("stok") == "tipis"
    counts = products_of_vendor(vendor).with_review().count_states()
    products = products_of(vendor, state=state, query=query, only_low_stock=only_low_stock)
    page = Paginator(products, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **frame(member, "products"),
        "page_obj": page,
        "query": query,
        "state": state,
        "only_low_stock": only_low_stock,
        "has_products": any(counts.values()),
        "states": [
            {
                "label": _("All"),
                "url": "?",
                "is_current": not state and not only_low_stock,
                "count": "",
            },
            *(
                {
                    "label": ProductState(value).label.capitalize(),
                    "url": f"?status={value}",
                    "is_current": state == value,
                    "count": count,
                }
                for value, count in counts.items()
                if count or state == value
            ),
        ],
    }
    return render(request, "portal/products.html", context)


@member_view
@require_http_methods(["GET", "POST"])
def product_create(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """A new product."""
    return _edit(request, member, None)


@member_view
@require_http_methods(["GET", "POST"])
def product_edit(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """Change a product: its text goes through the review, price and stock change at once."""
    return _edit(request, member, product_or_404(member.vendor, pk))


def _edit(request: HttpRequest, member: VendorMember, product: Product | None) -> HttpResponse:
    vendor = member.vendor
    draft = current_draft(product) if product else None
    if request.method != "POST":
        context = {
            "draft": draft,
            "form": ProductForm(initial=ProductForm.initial_of(draft) if draft else None),
            "upload": PhotoUploadForm(),
            "photos": photos_of(draft, vendor=vendor),
            "table": variants_of(product),
        }
        return _show(request, member, product, context)
    action = request.POST.get("action", "save")
    # Only lay out the rows of the variants: nobody has asked to save yet, so nothing is judged.
    is_judged = action != "rows"
    form = ProductForm(request.POST) if is_judged else ProductForm(initial=request.POST.dict())
    upload = PhotoUploadForm({}, request.FILES)
    table = posted_variants(request.POST, product, is_judged=is_judged)
    photos, photo_errors = posted_photos(
        request.POST, request.FILES.getlist("photos"), vendor=vendor, actor=request.user, is_judged=is_judged
    )
    upload.full_clean()
    for error in photo_errors:
        upload.add_error("photos", error)
    context = {"draft": draft, "form": form, "upload": upload, "photos": photos, "table": table}
    if not is_judged:
        return _show(request, member, product, context)
    checks = [form.is_valid(), table.is_valid(), photos.is_valid(), not photo_errors]
    if all(checks):
        try:
            saved = save_product(
                vendor=vendor,
                product=product,
                actor=request.user,
                content=form.content(),
                photos=photos.drafts(),
                variants=table.drafts(),
                counts=[Count(row.cleaned_data["stock"], row.cleaned_data["stock_was"]) for row in table.rows.forms],
            )
        except DomainError as error:
            _place_error(error, context)
        else:
            return _after_saving(request, member, saved, action)
    return _show(request, member, product, context, status=422)


def _after_saving(request: HttpRequest, member: VendorMember, product: Product, action: str) -> HttpResponse:
    slug = member.vendor.slug
    if action == "preview":
        return redirect("portal:product-preview", slug, product.pk)
    if action != "submit":
        messages.success(request, _("Saved."))
        return redirect("portal:product-edit", slug, product.pk)
    try:
        submit_product(product_id=product.pk, actor=request.user)
    except DomainError as error:
        messages.error(request, _("Saved, but not sent: %(reason)s") % {"reason": str(error)})
        return redirect("portal:product-edit", slug, product.pk)
    messages.success(request, _("Sent. The office looks at it now; we will tell you what becomes of it."))
    return redirect("portal:products", slug)


def _place_error(error: DomainError, context: dict[str, Any]) -> None:
    """Show a service's refusal at the field that it is about."""
    parts = error.field.split("-")
    if len(parts) == 3 and parts[0] == "variant":
        rows = context["table"].rows.forms
        index = int(parts[1])
        name = parts[2] if parts[2] in ("price", "stock", "weight") else "price"
        if index < len(rows):
            rows[index].add_error(name, str(error))
            return
    if error.field == "photos":
        context["upload"].add_error("photos", str(error))
        return
    form = context["form"]
    show_refusal(form, error)


def _show(
    request: HttpRequest,
    member: VendorMember,
    product: Product | None,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    allowed, lock_reason = may_edit(user=request.user, product=product) if product else (True, "")
    context = {
        **frame(member, "products"),
        **context,
        "product": product,
        "is_locked": not allowed,
        "lock_reason": lock_reason,
        "missing": what_is_missing(context["draft"]) if product else [],
        "papers_lacking": papers_lacking(member.vendor, context["draft"].category) if product else [],
    }
    return render(request, "portal/product_form.html", context, status=status)


@member_view
@throttle("upload", rate="60/m", by="user")
@require_POST
def photo_upload(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """One photo sent by script while the form is open; the answer is its row for the form."""
    file = request.FILES.get("photo")
    index = request.POST.get("index", "0")
    if file is None or not index.isdecimal():
        return HttpResponse(status=400)
    try:
        image = store_photo(file=file, title=request.POST.get("name", "") or member.vendor.name, actor=request.user)
    except DomainError as error:
        # An answer like any other for the script that asked: a row that says what is wrong.
        return render(request, "portal/parts/photo_refused.html", {"name": file.name, "error": str(error)})
    photos = single_photo(image, vendor=member.vendor, index=min(int(index), 99))
    form, picture = photos.rows()[0]
    return render(request, "portal/parts/photo_row.html", {"form": form, "picture": picture})


@member_view
@require_http_methods(["GET", "POST"])
def product_stock(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """Price and stock alone, for every day: saved at once, no review."""
    product = product_or_404(member.vendor, pk)
    variants = list(product.variants.filter(is_retired=False).order_by("position", "pk"))
    if request.method == "POST":
        formset = StockFormSet(request.POST, prefix="variant")
        if formset.is_valid():
            try:
                save_prices_and_stock(product=product, actor=request.user, rows=posted_counts(formset))
            except DomainError as error:
                index = int(error.field.split("-")[1]) if error.field.startswith("variant-") else 0
                formset.forms[index].add_error("stock", str(error))
            else:
                messages.success(request, _("%(product)s: price and stock saved.") % {"product": product.name})
                return redirect("portal:products", member.vendor.slug)
        status = 422
    else:
        formset, status = StockFormSet(initial=stock_initial(variants), prefix="variant"), 200
    labels = {variant.pk: variant.label for variant in variants}
    context = {
        **frame(member, "products"),
        "product": product,
        "formset": formset,
        "rows": [(form, labels.get(int(form["variant_id"].value() or 0), "")) for form in formset.forms],
    }
    return render(request, "portal/product_stock.html", context, status=status)
