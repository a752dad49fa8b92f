from django.urls import path

from marketplace.checkout import views

app_name = "checkout"

urlpatterns = [
    path("", views.start, name="start"),
    path("pilihan/", views.options, name="options"),
]
