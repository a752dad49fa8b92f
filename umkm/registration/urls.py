"""/daftar-umkm/: from the first page to the decision."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from umkm.registration.views import correct, papers, serving, start, steps


class ApplicationCodeConverter(StringConverter):
    """`UMKM-2026-000123`, so that no code can be taken for another address."""

    regex = r"UMKM-\d{4}-\d{6,12}"


register_converter(ApplicationCodeConverter, "application_code")

app_name = "registration"
urlpatterns = [
    path("", start.start, name="start"),
    path("mulai/", start.begin, name="begin"),
    path("kelurahan/", steps.villages, name="villages"),
    path("kbli/", steps.kbli, name="kbli"),
    path("berkas/<int:pk>/", serving.document, name="document"),
    path("berkas/<int:pk>/kecil/", serving.document_preview, name="document_preview"),
    path("<application_code:code>/", start.status, name="status"),
    path("<application_code:code>/identitas/", steps.identity, name="identity"),
    path("<application_code:code>/usaha/", steps.business, name="business"),
    path("<application_code:code>/dokumen/", papers.papers, name="papers"),
    path("<application_code:code>/dokumen/<slug:kind>/", papers.paper, name="paper"),
    path("<application_code:code>/dokumen/<slug:kind>/hapus/", papers.paper_remove, name="paper_remove"),
    path("<application_code:code>/dokumen/<slug:kind>/dampingi/", papers.paper_help, name="paper_help"),
    path("<application_code:code>/periksa/", steps.review, name="review"),
    path("<application_code:code>/kirim/", steps.submit, name="submit"),
    path("<application_code:code>/perbaiki/", correct.correct, name="correct"),
    path("<application_code:code>/tarik/", start.withdraw, name="withdraw"),
]
