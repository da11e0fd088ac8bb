"""The addresses of the board."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from .views import accounts, notices, reports, staff

urlpatterns = [
    path("", notices.NoticeList.as_view(), name="home"),
    path("category/<slug:slug>/", notices.CategoryList.as_view(), name="category"),
    path("search/", notices.Search.as_view(), name="search"),
    path("notices/new/", notices.NoticeCreate.as_view(), name="notice_new"),
    path("notices/<int:pk>/", notices.NoticeDetail.as_view(), name="notice"),
    path("notices/<int:pk>/edit/", notices.NoticeEdit.as_view(), name="notice_edit"),
    path(
        "notices/<int:pk>/delete/", notices.NoticeDelete.as_view(), name="notice_delete"
    ),
    path("accounts/", accounts.Account.as_view(), name="account"),
    path("accounts/login/", accounts.LogIn.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/signup/", accounts.SignUp.as_view(), name="signup"),
    path("accounts/password/", accounts.Password.as_view(), name="password"),
    path("reports/activity/", reports.activity_report, name="activity"),
    path("staff/", staff.StaffRoom.as_view(), name="staff"),
    path("staff/fail/", staff.Fail.as_view(), name="fail"),
    path("health/", staff.health, name="health"),
]
