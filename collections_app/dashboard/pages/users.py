"""Members of staff and their groups."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from collections_app.models import User
from collections_app.permissions import GROUPS, needs
from collections_app.staff import LastManager, add_user, change_user, group_of

from ..access import user_for_staff
from ..forms.setup import NewUserForm, UserForm
from ..listing import Column, Filter, Link, ListPage
from ..said import done


def user_url(user: User) -> str:
    return reverse("dashboard:user_edit", args=[user.pk])


def all_users() -> QuerySet[User]:
    return User.objects.prefetch_related("groups")


def role(user: User) -> str:
    return "Administrator" if user.is_superuser else group_of(user)


class UserList(ListPage):
    title = "Users"
    queryset = all_users
    order = "username"
    columns = [
        Column("full_name", "Name", link=user_url),
        Column("username", "Login", sort=True),
        Column("email", "E-mail"),
        Column(role, "Group"),
        Column("job_title", "Job title"),
        Column("last_login", "Last login", "moment", sort=True),
        Column(lambda user: "Active" if user.is_active else "Inactive", "Status", "badge"),
    ]
    filters = [Filter("group", "Group", "groups__name", [(name, name) for name in GROUPS])]
    search = ("username", "first_name", "last_name", "email")
    links = [Link("Add user", "dashboard:user_new", key="n", permission="configure")]
    permission = "configure"


@needs("configure")
def new(request: HttpRequest) -> HttpResponse:
    form = NewUserForm(request.POST or None, initial={"group": "Collector"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        user = add_user(form.values, group=given["group"], password=given["password"], actor=request.user)
        return done(request, f"{user.full_name} may log in as {user.username}.", "dashboard:users")
    context = {"form": form, "title": "Add user", "submit": "Add user"}
    return render(request, "dashboard/settings/user.html", context, status=422 if form.errors else 200)


@needs("configure")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = user_for_staff(pk)
    form = UserForm(request.POST or None, instance=user, initial={"group": group_of(user)})
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_user(pk, form.values, group=form.cleaned_data["group"], actor=request.user)
        except LastManager as error:
            form.add_error("group", str(error))
        else:
            text = f"Changed: {', '.join(changed)}." if changed else "Nothing was different, so nothing changed."
            return done(request, text, "dashboard:users")
    context = {"form": form, "title": "Edit user", "submit": "Save"}
    return render(request, "dashboard/settings/user.html", context, status=422 if form.errors else 200)


urls = [
    path("users/", UserList.as_view(), name="users"),
    path("users/new/", new, name="user_new"),
    path("users/<int:pk>/", edit, name="user_edit"),
]
