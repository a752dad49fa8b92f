"""What buyers, shops and operators fill in about money that goes back."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.aftersales.models import RefundRequest
from marketplace.core.money import format_rupiah
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.payments.refund_plans import remaining_of

MOST_TEXT = 1000
MOST_NOTE = 500
QUANTITY = "line_"


class SeveralFiles(forms.FileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several uploaded files; what they really are is the service's question."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """A list, empty when nothing was chosen."""
        files = data if isinstance(data, (list, tuple)) else [data] if data else []
        return [super(PhotosField, self).clean(file, initial) for file in files]


class WhatForm(forms.Form):
    """What goes back of one part: everything, single things, or an amount."""

    scope = forms.ChoiceField(label=_("How much of it?"), widget=forms.RadioSelect)
    with_shipping = forms.BooleanField(label=_("The delivery cost, too"), required=False)
    amount = forms.IntegerField(label=_("Amount"), min_value=1, required=False)

    def __init__(self, *args: Any, part: SubOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part = part
        left = remaining_of(part)
        self.lines: list[OrderLine] = [line for line in part.lines.all() if line.refunded_quantity < line.quantity]
        whole = gettext("Everything from this shop: %(amount)s") % {"amount": format_rupiah(left.total)}
        self.fields["scope"].choices = [  # type: ignore[attr-defined]
            (RefundRequest.Scope.WHOLE, whole),
            (RefundRequest.Scope.LINES, gettext("Only some things")),
            (RefundRequest.Scope.AMOUNT, gettext("Only an amount")),
        ]
        self.fields["scope"].initial = RefundRequest.Scope.WHOLE
        self.fields["amount"].help_text = gettext("At most %(amount)s.") % {"amount": format_rupiah(left.total)}
        if not left.shipping:
            del self.fields["with_shipping"]
        for line in self.lines:
            free = line.quantity - line.refunded_quantity
            label = line.display_name if not line.variant_label else f"{line.display_name}, {line.variant_label}"
            self.fields[f"{QUANTITY}{line.pk}"] = forms.TypedChoiceField(
                label=label,
                choices=[(count, str(count)) for count in range(free + 1)],
                coerce=int,
                initial=0,
                required=False,
                empty_value="0",
            )

    @property
    def quantity_fields(self) -> list[forms.BoundField]:
        """The fields that ask how many of each thing."""
        return [self[f"{QUANTITY}{line.pk}"] for line in self.lines]

    def clean(self) -> dict[str, Any]:
        """What the chosen scope needs must be there."""
        values = super().clean() or self.cleaned_data
        scope = values.get("scope")
        if scope == RefundRequest.Scope.AMOUNT and not values.get("amount") and "amount" not in self.errors:
            self.add_error("amount", gettext("Write the amount in whole rupiah."))
        if scope == RefundRequest.Scope.LINES and not any(self.quantities.values()) and self.lines:
            self.add_error(f"{QUANTITY}{self.lines[0].pk}", gettext("Choose how many of at least one thing."))
        return values

    @property
    def quantities(self) -> dict[int, int]:
        """How many of which line."""
        return {line.pk: int(self.cleaned_data.get(f"{QUANTITY}{line.pk}") or 0) for line in self.lines}

    @property
    def what(self) -> dict[str, Any]:
        """The arguments that services take."""
        scope = self.cleaned_data["scope"]
        return {
            "scope": scope,
            "quantities": self.quantities if scope == RefundRequest.Scope.LINES else None,
            "amount": self.cleaned_data.get("amount") if scope == RefundRequest.Scope.AMOUNT else None,
            "with_shipping": bool(self.cleaned_data.get("with_shipping")) and scope == RefundRequest.Scope.LINES,
        }


class AskForm(WhatForm):
    """What the buyer tells the shop."""

    reason = forms.ChoiceField(
        label=_("What is not right?"), choices=RefundRequest.Reason.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("What happened?"),
        max_length=MOST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A sentence or two, as you would tell it in the shop."),
    )
    photos = PhotosField(
        label=_("Photos"),
        required=False,
        widget=SeveralFiles(attrs={"accept": "image/*"}),
        help_text=_("Up to five. Only the shop and our operators see them."),
    )
    sends_back = forms.BooleanField(label=_("I can send the goods back"), required=False)
    field_order = ("reason", "text", "photos", "scope")

    def __init__(self, *args: Any, part: SubOrder, **kwargs: Any) -> None:
        super().__init__(*args, part=part, **kwargs)
        if part.status in (SubOrder.Status.PACKED, SubOrder.Status.READY_FOR_PICKUP):
            del self.fields["sends_back"]


class OfferForm(WhatForm):
    """Money that a shop gives back by itself."""

    note = forms.CharField(label=_("Why? The buyer reads this."), max_length=MOST_NOTE)


class AnswerForm(forms.Form):
    """The answer to a request, by the shop or an operator."""

    AGREE, AGREE_AFTER_RETURN, REFUSE = "agree", "agree_after_return", "refuse"

    answer = forms.ChoiceField(label=_("Your answer"), widget=forms.RadioSelect)
    amount = forms.IntegerField(
        label=_("Amount"),
        min_value=1,
        required=False,
        help_text=_("Leave it empty for all that was asked."),
    )
    note = forms.CharField(
        label=_("Your words to the buyer"),
        max_length=MOST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed when you refuse, or give less than was asked."),
    )

    def __init__(self, *args: Any, request: RefundRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        at_buyer = request.suborder.status in (SubOrder.Status.DELIVERED, SubOrder.Status.COMPLETED)
        choices = [(self.AGREE, gettext("Money back at once"))]
        if at_buyer:
            choices.append((self.AGREE_AFTER_RETURN, gettext("Money back once the goods are back")))
        self.fields["answer"].choices = [*choices, (self.REFUSE, gettext("No"))]  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """A sentence that goes with a step."""

    note = forms.CharField(label=_("Note"), max_length=MOST_NOTE, widget=forms.Textarea(attrs={"rows": 2}))


class SentBackForm(forms.Form):
    """How the goods went back."""

    courier = forms.CharField(label=_("Courier, or “brought to the shop”"), max_length=60)
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=60, required=False)


class ReceivedForm(forms.Form):
    """The shop has the goods again."""

    can_be_sold = forms.BooleanField(label=_("They can be sold again: put them back in stock"), required=False)
    note = forms.CharField(label=_("Note for the buyer"), max_length=MOST_NOTE, required=False)
