from django.urls import path

from search.insight import views

app_name = "search_insight"

urlpatterns = [
    path("", views.count, name="count"),
]
