from django.urls import path

from marketplace.carts import views

app_name = "carts"

urlpatterns = [
    path("", views.detail, name="detail"),
    path("isi/", views.badge, name="badge"),
    path("tambah/", views.add, name="add"),
    path("voucher/", views.use_voucher, name="voucher"),
    path("voucher/hapus/", views.remove_voucher, name="voucher-remove"),
    path("<int:line_id>/jumlah/", views.update_line, name="update"),
    path("<int:line_id>/hapus/", views.remove_line, name="remove"),
    path("<int:line_id>/kembalikan/", views.restore_line, name="restore"),
]
