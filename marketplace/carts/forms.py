"""The basket's one form with a field to write into."""

from django import forms

from marketplace.promotions.forms import code_field


class VoucherCodeForm(forms.Form):
    """A voucher's code, for the whole basket."""

    use_required_attribute = False

    voucher = code_field(required=True)
