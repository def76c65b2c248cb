"""What the statuses of a business mean: for everybody, also for who is no member."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from sledi.accounts.access import of_request
from sledi.core.workflow import diagram as drawn
from sledi.orders import showing
from sledi.orders.pages import instructing, places


@require_safe
def legend(request: HttpRequest, business: str) -> HttpResponse:
    """Stages and statuses with their meaning, and who acts next: the profile itself, in words."""
    access = of_request(request, business)
    workflow, language = access.business.workflow, get_language() or "en"
    levels = showing.explained_levels(workflow, language)
    page = {"levels": levels, "stages": showing.explained_stages(workflow, levels, language)}
    return render(request, "orders/legend.html", places.frame_of(access) | page)


@require_safe
def instruction(request: HttpRequest, business: str) -> HttpResponse:
    """Stage by stage who sets which status and what is mandatory; none where a profile has no stages."""
    access = of_request(request, business)
    workflow, language = access.business.workflow, get_language() or "en"
    if not workflow.stages:
        raise Http404
    order = workflow.levels.get("order")
    page = {
        "chapters": instructing.chapters(workflow, language),
        "save": workflow.words(order.save, language) if order else "",
    }
    return render(request, "orders/instruction.html", places.frame_of(access) | page)


@require_safe
def picture(request: HttpRequest, business: str, level: str) -> HttpResponse:
    """The states of a level as a picture on a page, in the page's own colours."""
    access = of_request(request, business)
    workflow = access.business.workflow
    if level not in workflow.levels:
        raise Http404
    svg = mark_safe(drawn(workflow, level, get_language() or "en"))  # noqa: S308  core escapes every word in it
    page = {"level": showing.level_name(level), "key": level, "picture": svg}
    return render(request, "orders/picture.html", places.frame_of(access) | page)


@require_safe
def diagram(request: HttpRequest, business: str, level: str) -> HttpResponse:
    """The same picture as a file."""
    workflow = of_request(request, business).business.workflow
    if level not in workflow.levels:
        raise Http404
    return HttpResponse(drawn(workflow, level, get_language() or "en"), content_type="image/svg+xml")
