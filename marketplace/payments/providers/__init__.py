"""Payment providers behind one port. A new gateway is one more module here and a line below."""

from marketplace.orders.models import PaymentMethod
from marketplace.payments.models import ProviderName
from marketplace.payments.providers.base import Provider
from marketplace.payments.providers.manual import ManualProvider
from marketplace.payments.providers.offline import OfflineProvider
from marketplace.payments.providers.stripe import StripeProvider

PROVIDERS: dict[str, Provider] = {
    ProviderName.STRIPE: StripeProvider(),
    ProviderName.OFFLINE: OfflineProvider(),
    ProviderName.MANUAL: ManualProvider(),
}
PROVIDER_OF_METHOD: dict[str, str] = {
    PaymentMethod.STRIPE: ProviderName.STRIPE,
    PaymentMethod.COD: ProviderName.OFFLINE,
    PaymentMethod.PICKUP: ProviderName.OFFLINE,
    PaymentMethod.MANUAL_TRANSFER: ProviderName.MANUAL,
}
