"""``/my/``: somebody's own orders and parcels at an address that people remember, whatever the business is called."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from sledi.accounts.models import Person
from sledi.accounts.queries import memberships_of
from sledi.web.indexing import noindex


@require_safe
@noindex
@login_required
def my(request: HttpRequest) -> HttpResponse:
    """On to one's own things: in the business whose host this is, else in the only one; of several one chooses."""
    assert isinstance(request.user, Person)
    host = request.get_host().partition(":")[0].lower()
    found = {one.business_id: one.business for one in memberships_of(request.user)}
    chosen = [business for business in found.values() if business.host == host] or list(found.values())
    if len(chosen) == 1:
        return redirect("orders:cabinet", chosen[0].slug)
    return render(request, "orders/short.html", {"businesses": chosen})
