"""The REST interface of tasks: what people are asked to look at."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Status

from sledi.accounts import scopes
from sledi.api.problems import documented
from sledi.orders import reading
from sledi.orders.moving import tasks
from sledi.orders.rest.asking import (
    SEEN,
    WRITTEN,
    may,
    now,
    orders_router,
    sought,
    workflow_of,
    writer_of,
)
from sledi.orders.rest.shapes import Moment, Shape

router = orders_router()


class TaskOut(Shape):
    id: str
    reason: str
    label: str
    level: str
    number: str
    opened_at: Moment


class TasksOut(Shape):
    tasks: list[TaskOut]


@router.get(
    "/businesses/{business}/tasks",
    response=TasksOut,
    openapi_extra=documented(*SEEN),
    summary="What the people of your queue are asked to look at, the longest waiting first",
)
def get_tasks(request: HttpRequest, business: str, reason: str = "") -> Any:
    """``reason``: the move or deadline that asked. At most 500."""
    access = may(request, scopes.ORDERS_READ)
    write, workflow = writer_of(request).task, workflow_of(request)
    return {"tasks": [write(one, workflow) for one in reading.open_tasks(access, reason=reason)]}


@router.post(
    "/businesses/{business}/tasks/{id}/done",
    response={204: None},
    openapi_extra=documented(*WRITTEN),
    summary="Say that it was seen to",
)
def post_task_done(request: HttpRequest, business: str, id: UUID) -> Any:  # noqa: A002  the address's word
    """Twice is harmless."""
    access = may(request, scopes.ORDERS_WRITE)
    sought(lambda: tasks.done(access, id, now()))
    return Status(204, None)
