"""Day, night or whatever the reader's system says, remembered in a cookie."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sledi.web.languages import keep

COOKIE = "sledi_theme"
THEMES = ("light", "dark")


def theme_of(request: HttpRequest) -> str:
    """``light``, ``dark`` or empty for the system's."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in THEMES else ""


@csrf_exempt  # Nothing worth forging: pages without any other form then need no token and no cookie.
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remember the theme and go back to the page it was chosen on."""
    back = request.POST.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if is_ours else "/")
    theme = request.POST.get("theme", "")
    keep(response, COOKIE, theme if theme in THEMES else "")
    return response
