from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "cms"
    label = "cms"

    def ready(self) -> None:
        from cms import privacy
        from marketplace.accounts.privacy import register_holding

        register_holding(privacy.FORM_ANSWERS)
