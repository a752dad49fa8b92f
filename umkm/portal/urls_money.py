"""Addresses of a shop's money, below /portal/<shop>/uang/."""

from django.urls import path

from umkm.portal import views_bank, views_money

urlpatterns = [
    path("", views_money.money, name="money"),
    path("siap/", views_money.ready_rows, name="money-ready"),
    path("belum-cair/", views_money.waiting_rows, name="money-waiting"),
    path("mutasi/", views_money.statements_list, name="money-statements"),
    path("mutasi/<int:year>-<int:month>/", views_money.statement_page, name="money-statement"),
    path("mutasi/<int:year>-<int:month>.<str:kind>", views_money.statement_file, name="money-statement-file"),
    path("pencairan/<int:pk>/", views_money.payout_page, name="money-payout"),
    path("omzet/<int:year>/", views_money.turnover, name="money-turnover"),
    path("omzet/<int:year>.<str:kind>", views_money.turnover_file, name="money-turnover-file"),
    path("omzet/<int:year>/pernyataan/", views_money.declare, name="money-declare"),
    path("rekening/", views_bank.bank_account, name="money-account"),
]
