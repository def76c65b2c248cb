"""The REST interface of a business: its orders and everything around them, and every move of its profile.

No address names a kind of business: states, moves and fields are the profile's, and GET …/profile tells them. What
may not be seen answers exactly as what is not there. ``orders.moves`` decides; this only translates.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Status

from sledi import profiles
from sledi.accounts import scopes
from sledi.accounts.access import Access
from sledi.accounts.authentication import MEMBERS
from sledi.api.problems import Problem, documented
from sledi.api.router import Router
from sledi.core.workflow import Workflow
from sledi.orders import reading
from sledi.orders.files import importing
from sledi.orders.files.sheets import FILE_BYTES_MAX, WrongFile
from sledi.orders.moving import doing, import_bans, making, moves, placing, scanning, tasks
from sledi.orders.moving.idempotency import KEY_LENGTH_MAX
from sledi.orders.reasons import explain
from sledi.orders.refusals import NotYours
from sledi.orders.rest import schemas
from sledi.orders.rest.asking import access_of, attempted, language_of, may, now, sought
from sledi.orders.rest.order_json import Writer, arrival_json, import_rule_json, moved_json

T = TypeVar("T")

router = Router(tags=["orders"], auth=list(MEMBERS))

SEEN = (401, 403, 404)
WRITTEN = (400, 401, 403, 404, 409, 413, 415, 422)
MOVE_HEADERS = [
    {
        "in": "header",
        "name": "Idempotency-Key",
        "required": False,
        "schema": {"type": "string", "maxLength": KEY_LENGTH_MAX},
        "description": "The same request with the same key is done once and answered alike.",
    },
    {
        "in": "header",
        "name": "If-Match",
        "required": False,
        "schema": {"type": "string", "pattern": '^"v[0-9]+"$'},
        "description": "The version that was read; 412 when somebody changed it since.",
    },
]
_FILE = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}
A_FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _FILE},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}


# --- the profile ----------------------------------------------------------------------------------------------


@router.get(
    "/businesses/{business}/profile",
    response=schemas.ProfileOut,
    by_alias=True,
    openapi_extra=documented(*SEEN),
    summary="How this business works",
)
def get_profile(request: HttpRequest, business: str) -> Any:
    """Levels, states, moves and stages: the table that decides."""
    return _writer(request).profile(_workflow(request))


# --- many at once: above the addresses whose patterns would match theirs -------------------------------------


@router.post(
    "/businesses/{business}/imports/orders",
    response=schemas.ImportOut,
    openapi_extra={**documented(*WRITTEN), **A_FILE},
    summary="Place the orders of a CSV or XLSX file",
)
def post_order_import(request: HttpRequest, business: str, dry_run: bool = False) -> Any:
    """One row an item; rows with the same reference are one order. With ``dry_run`` everything is only checked."""
    access = may(request, scopes.ORDERS_WRITE)
    return _imported(request, access, importing.import_orders, dry_run)


@router.post(
    "/businesses/{business}/imports/moves",
    response=schemas.ImportOut,
    openapi_extra={**documented(*WRITTEN), **A_FILE},
    summary="Do the moves of a CSV or XLSX file",
)
def post_move_import(request: HttpRequest, business: str, dry_run: bool = False) -> Any:
    """Columns: level, number, move, quantity, version and the fields of the moves."""
    access = may(request, scopes.ORDERS_WRITE)
    access.require(scopes.PARCELS_WRITE)
    return _imported(request, access, importing.import_moves, dry_run)


@router.post(
    "/businesses/{business}/scans",
    response=schemas.ScannedOut,
    by_alias=True,
    openapi_extra=documented(*WRITTEN),
    summary="Scan the number of something that has come",
)
def post_scan(request: HttpRequest, business: str, body: schemas.ScanIn) -> Any:
    """What carries the number is received; a number that nothing carries waits among the arrivals."""
    access = may(request, scopes.ORDERS_WRITE)
    found = attempted(request, lambda: scanning.scan(access, body.number, body.fields, at=now(), cause="api"))
    return _scanned(request, found)


@router.get(
    "/businesses/{business}/arrivals",
    response=schemas.ArrivalsOut,
    openapi_extra=documented(*SEEN),
    summary="What has come and is not identified, the longest waiting first",
)
def get_arrivals(request: HttpRequest, business: str) -> Any:
    """Of the staff's eyes alone."""
    access = may(request, scopes.ORDERS_READ)
    return {"arrivals": [arrival_json(one) for one in scanning.waiting_arrivals(access)[: reading.SIZE_MAX]]}


@router.post(
    "/businesses/{business}/arrivals/{number}/identifications",
    response=schemas.ScannedOut,
    by_alias=True,
    openapi_extra=documented(*WRITTEN),
    summary="Say which item an arrival is",
)
def post_identification(
    request: HttpRequest, business: str, number: str, body: schemas.IdentificationIn
) -> Any:
    """The number becomes the item's, and the item is received."""
    access = may(request, scopes.ORDERS_WRITE)
    found = attempted(request, lambda: scanning.attach(access, number, body.item, at=now(), cause="api"))
    return _scanned(request, found)


@router.get(
    "/businesses/{business}/import-rules",
    response=schemas.ImportRulesOut,
    openapi_extra=documented(*SEEN),
    summary="What may not be brought into which country",
)
def get_import_rules(request: HttpRequest, business: str) -> Any:
    """By country and category, each with its source."""
    access = may(request, scopes.ORDERS_READ)
    return {"rules": [import_rule_json(rule) for rule in import_bans.rules_of(access)]}


@router.post(
    "/businesses/{business}/import-rules",
    response={201: schemas.ImportRuleOut},
    openapi_extra=documented(*WRITTEN),
    summary="Keep a rule",
)
def post_import_rule(request: HttpRequest, business: str, body: schemas.ImportRuleIn) -> Any:
    """It replaces that of the same country and category."""
    access = may(request, scopes.ORDERS_WRITE)
    rule = attempted(
        request, lambda: import_bans.keep_rule(access, body.dict(), at=now(), cause="api"), pointer="/"
    )
    return Status(201, import_rule_json(rule))


@router.delete(
    "/businesses/{business}/import-rules/{destination}/{category}",
    response={204: None},
    openapi_extra=documented(*WRITTEN),
    summary="Drop a rule",
)
def delete_import_rule(request: HttpRequest, business: str, destination: str, category: str) -> Any:
    """What is being bought already goes on."""
    access = may(request, scopes.ORDERS_WRITE)
    was_there = attempted(
        request, lambda: import_bans.drop_rule(access, destination, category, at=now(), cause="api")
    )
    if not was_there:
        raise Problem(404, "not-found")
    return Status(204, None)


@router.get(
    "/businesses/{business}/reports/sellers",
    response=schemas.SellersOut,
    openapi_extra=documented(*SEEN, 422),
    summary="How many orders each seller was given, and how many were late",
)
def get_sellers(request: HttpRequest, business: str, since: date, until: date) -> Any:
    """Of orders placed from one day to another. A deadline that has passed counts, also when it was made good."""
    access = may(request, scopes.ORDERS_READ)
    write, workflow = _writer(request).sellers_record, _workflow(request)
    rows = [write(one, workflow) for one in reading.sellers(access, since, until)]
    return {"since": since.isoformat(), "until": until.isoformat(), "rows": rows}


@router.get(
    "/businesses/{business}/reports/reasons",
    response=schemas.ReasonsOut,
    openapi_extra=documented(*SEEN, 422),
    summary="How often each reason was given",
)
def get_reasons(request: HttpRequest, business: str, since: date, until: date) -> Any:
    """Both days included, by the business's own clock; of what the asker may see."""
    access = may(request, scopes.ORDERS_READ)
    write, workflow = _writer(request), _workflow(request)
    rows = [write.counted(one, workflow) for one in reading.reasons(access, since, until)]
    return {"since": since.isoformat(), "until": until.isoformat(), "rows": rows}


@router.post(
    "/businesses/{business}/{levels}/moves/{name}",
    response=schemas.OutcomesOut,
    by_alias=True,
    openapi_extra=documented(*WRITTEN),
    summary="Do a move with many at once",
)
def post_bulk(
    request: HttpRequest, business: str, levels: schemas.Levels, name: str, body: schemas.BulkIn
) -> Any:
    """A result for each row; a row that is refused holds up no other. For moves the profile marks as bulk."""
    level = _level(levels)
    access = may(request, _scope(level, is_write=True))
    asked = [doing.Asked(row.number, row.fields, row.quantity, row.version) for row in body.rows]
    outcomes = attempted(request, lambda: doing.do_many(access, level, name, asked, at=now(), cause="api"))
    rows = [_outcome(request, row.reference, outcome) for row, outcome in zip(asked, outcomes, strict=True)]
    done = sum(row["moved"] is not None for row in rows)
    return {"done": done, "refused": len(rows) - done, "rows": rows}


# --- orders ---------------------------------------------------------------------------------------------------


@router.get(
    "/businesses/{business}/orders",
    response=schemas.OrdersOut,
    by_alias=True,
    openapi_extra=documented(*SEEN, 422),
    summary="Orders, the newest first",
)
def get_orders(
    request: HttpRequest,
    business: str,
    state: str = "",
    search: str = "",
    flag: str = "",
    cursor: str = "",
    size: int = 50,
) -> Any:
    """A parent state finds its children. ``search``: number, recipient's phone, tracking number, a marketplace's."""
    access = may(request, scopes.ORDERS_READ)
    asked = {"state": state, "search": search, "flag": flag, "cursor": cursor}
    page = _listed(lambda: reading.order_list(access, **asked, size=_size(size)))
    write = _writer(request).order_row
    return {"orders": [write(row) for row in page.rows], "next_cursor": page.next_cursor}


@router.post(
    "/businesses/{business}/orders",
    response={201: schemas.PlacedOut},
    openapi_extra={**documented(*WRITTEN), "parameters": MOVE_HEADERS[:1]},
    summary="Place an order",
)
def post_order(request: HttpRequest, business: str, body: schemas.OrderIn, response: HttpResponse) -> Any:
    """The same ``reference``, or Idempotency-Key, gives the same order again."""
    access = may(request, scopes.ORDERS_WRITE)
    facts = body.dict(exclude_unset=True, exclude={"items"})
    placed = attempted(
        request,
        lambda: placing.place(access, facts, body.items, at=now(), cause="api", key=_key(request)),
        pointer="/",
    )
    if placed.is_repeat:
        response["Idempotency-Replayed"] = "true"
    return Status(201, {"id": str(placed.id), "number": placed.number})


@router.get(
    "/businesses/{business}/orders/{number}",
    response=schemas.OrderOut,
    by_alias=True,
    openapi_extra=documented(*SEEN),
    summary="An order with everything in it",
)
def get_order(request: HttpRequest, business: str, number: str, response: HttpResponse) -> Any:
    """Its ETag is what If-Match of a move takes."""
    page = _order(request, number)
    response["ETag"] = _etag(page.order.subject.version)
    return _writer(request).order(page)


@router.get(
    "/businesses/{business}/orders/{number}/items",
    response=schemas.ItemsOut,
    by_alias=True,
    openapi_extra=documented(*SEEN),
    summary="The items of an order",
)
def get_items(request: HttpRequest, business: str, number: str) -> Any:
    """Each with its state and what may be done with it."""
    return {"items": [_writer(request).item(item) for item in _order(request, number).items]}


@router.get(
    "/businesses/{business}/orders/{number}/parcels",
    response=schemas.ParcelsOut,
    by_alias=True,
    openapi_extra=documented(*SEEN),
    summary="The parcels of an order",
)
def get_order_parcels(request: HttpRequest, business: str, number: str) -> Any:
    """Each with its contents and numbers."""
    page = _order(request, number)
    return {"parcels": [_writer(request).parcel(parcel, page.packed) for parcel in page.parcels]}


@router.get(
    "/businesses/{business}/orders/{number}/cases",
    response=schemas.CasesOut,
    by_alias=True,
    openapi_extra=documented(*SEEN),
    summary="The cases of an order",
)
def get_order_cases(request: HttpRequest, business: str, number: str) -> Any:
    """Returns, exchanges and disputes."""
    return {"cases": [_writer(request).case(case) for case in _order(request, number).cases]}


# --- items, parcels, hauls, cases -----------------------------------------------------------------------------


@router.get(
    "/businesses/{business}/items",
    response=schemas.RowsOut,
    by_alias=True,
    openapi_extra=documented(*SEEN, 422),
    summary="Items of all orders, the newest first",
)
def get_all_items(
    request: HttpRequest,
    business: str,
    state: str = "",
    search: str = "",
    flag: str = "",
    cursor: str = "",
    size: int = 50,
) -> Any:
    """``search``: number, tracking number, a marketplace's order number. ``flag``: one that a deadline raised."""
    access = may(request, scopes.ORDERS_READ)
    asked = {"state": state, "search": search, "flag": flag, "cursor": cursor}
    page = _listed(lambda: reading.item_list(access, **asked, size=_size(size)))
    return {"rows": [_writer(request).row(row) for row in page.rows], "next_cursor": page.next_cursor}


@router.get(
    "/businesses/{business}/items/{reference}/timeline",
    response=schemas.TimelineOut,
    by_alias=True,
    openapi_extra=documented(*SEEN),
    summary="The one timeline of an item, across both legs",
)
def get_timeline(request: HttpRequest, business: str, reference: str) -> Any:
    """Purchase, scans within the country, receipt, packing, scans of its parcels, delivery: the oldest first."""
    access = may(request, scopes.ORDERS_READ)
    return _writer(request).timeline(sought(lambda: reading.item_page(access, reference, now())))


@router.get(
    "/businesses/{business}/tasks",
    response=schemas.TasksOut,
    openapi_extra=documented(*SEEN),
    summary="What the people of your queue are asked to look at, the longest waiting first",
)
def get_tasks(request: HttpRequest, business: str, reason: str = "") -> Any:
    """``reason``: the move or deadline that asked. At most 500."""
    access = may(request, scopes.ORDERS_READ)
    write, workflow = _writer(request).task, _workflow(request)
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


@router.get(
    "/businesses/{business}/queues/{levels}/{state}",
    response=schemas.RowsOut,
    by_alias=True,
    openapi_extra=documented(*SEEN, 422),
    summary="What waits in a state, the longest first",
)
def get_queue(
    request: HttpRequest,
    business: str,
    levels: schemas.Levels,
    state: str,
    flag: str = "",
    cursor: str = "",
    size: int = 50,
) -> Any:
    """Its place in the list is its place in the queue, ``since`` its age."""
    level = _level(levels)
    access = may(request, _scope(level, is_write=False))
    page = _listed(lambda: reading.queue(access, level, state, flag=flag, cursor=cursor, size=_size(size)))
    return {"rows": [_writer(request).row(row) for row in page.rows], "next_cursor": page.next_cursor}


@router.get(
    "/businesses/{business}/{levels}",
    response=schemas.RowsOut,
    by_alias=True,
    openapi_extra=documented(*SEEN, 422),
    summary="Parcels, hauls, cases or tracks, the newest first",
)
def get_rows(
    request: HttpRequest,
    business: str,
    levels: schemas.Containers,
    state: str = "",
    search: str = "",
    cursor: str = "",
    size: int = 50,
) -> Any:
    """``search``: number or tracking number."""
    level = _level(levels)
    access = may(request, _scope(level, is_write=False))
    lists: Mapping[str, Callable[..., reading.Page[reading.Row]]] = {
        "haul": reading.haul_list,
        "case": reading.case_list,
    }
    ask = lists.get(level) or (lambda access, **named: reading.parcel_list(access, level=level, **named))
    page = _listed(lambda: ask(access, state=state, search=search, cursor=cursor, size=_size(size)))
    return {"rows": [_writer(request).row(row) for row in page.rows], "next_cursor": page.next_cursor}


@router.post(
    "/businesses/{business}/{levels}",
    response={201: schemas.PlacedOut},
    openapi_extra=documented(*WRITTEN),
    summary="Make a parcel for orders, a haul or a track",
)
def post_container(
    request: HttpRequest, business: str, levels: schemas.Containers, body: schemas.ContainerIn
) -> Any:
    """It is empty at first; loadings put orders into it."""
    level = _level(levels)
    access = may(request, _scope(level, is_write=True))
    made = attempted(
        request,
        lambda: doing.make_container(access, level, body.move, body.fields, at=now(), cause="api"),
    )
    return Status(201, {"id": str(made.pk), "number": made.number})


@router.get(
    "/businesses/{business}/{levels}/{number}",
    response=schemas.ContainerOut,
    by_alias=True,
    exclude_unset=True,
    openapi_extra=documented(*SEEN, 422),
    summary="A parcel, haul, case or track",
)
def get_container(
    request: HttpRequest, business: str, levels: schemas.Containers, number: str, response: HttpResponse
) -> Any:
    """With the orders it holds, its numbers, its moves and its history."""
    level = _level(levels)
    access = may(request, _scope(level, is_write=False))
    read: Mapping[str, Callable[..., reading.ContainerPage]] = {
        "haul": reading.haul_page,
        "case": reading.case_page,
    }
    ask = read.get(level) or (lambda *named: reading.parcel_page(*named, level=level))
    page = sought(lambda: ask(access, number, now()))
    response["ETag"] = _etag(page.subject.version)
    return _writer(request).container(page)


@router.post(
    "/businesses/{business}/{levels}/{number}/loadings",
    response=schemas.LoadedOut,
    openapi_extra=documented(*WRITTEN),
    summary="Put orders into a parcel or onto a haul",
)
def post_loading(
    request: HttpRequest, business: str, levels: schemas.Containers, number: str, body: schemas.LoadingIn
) -> Any:
    """All of them or none; those that are in it already stay."""
    return {"orders": _load(request, making.load, _level(levels), number, body)}


@router.post(
    "/businesses/{business}/{levels}/{number}/unloadings",
    response=schemas.LoadedOut,
    openapi_extra=documented(*WRITTEN),
    summary="Take orders out of a parcel or off a haul",
)
def post_unloading(
    request: HttpRequest, business: str, levels: schemas.Containers, number: str, body: schemas.LoadingIn
) -> Any:
    """All of them or none; those that are not in it stay where they are."""
    return {"orders": _load(request, making.unload, _level(levels), number, body)}


# --- moves ----------------------------------------------------------------------------------------------------


@router.get(
    "/businesses/{business}/{levels}/{number}/history",
    response=schemas.HistoryOut,
    by_alias=True,
    openapi_extra=documented(*SEEN, 422),
    summary="What happened, the newest first",
)
def get_history(
    request: HttpRequest,
    business: str,
    levels: schemas.Levels,
    number: str,
    cursor: str = "",
    size: int = 50,
) -> Any:
    """Of an order with everything in it; of a parcel, haul or case its own."""
    level = _level(levels)
    access = may(request, _scope(level, is_write=False))
    page = _listed(lambda: reading.history(access, number, cursor=cursor, size=_size(size), level=level))
    write, workflow = _writer(request).told, _workflow(request)
    return {"history": [write(told, workflow) for told in page.rows], "next_cursor": page.next_cursor}


@router.get(
    "/businesses/{business}/{levels}/{number}/moves",
    response=schemas.MovesOut,
    by_alias=True,
    openapi_extra=documented(*SEEN, 422),
    summary="What may be done now",
)
def get_moves(
    request: HttpRequest, business: str, levels: schemas.Levels, number: str, response: HttpResponse
) -> Any:
    """Exactly the moves that this role may do in the present state, with their fields and what hinders them."""
    level = _level(levels)
    access = may(request, _scope(level, is_write=False))
    thing, makes = sought(lambda: reading.moves_of(access, level, number, now()))
    response["ETag"] = _etag(thing.subject.version)
    return {
        "version": thing.subject.version,
        "state": thing.subject.state,
        "moves": _writer(request).moves(thing, makes),
    }


@router.post(
    "/businesses/{business}/{levels}/{number}/moves/{name}",
    response=schemas.MovedOut,
    by_alias=True,
    openapi_extra={**documented(*WRITTEN, 412), "parameters": MOVE_HEADERS},
    summary="Do a move",
)
def post_move(
    request: HttpRequest,
    business: str,
    levels: schemas.Levels,
    number: str,
    name: str,
    body: schemas.MoveIn,
    response: HttpResponse,
) -> Any:
    """A move that makes a parcel or case takes the number of its order."""
    level = _level(levels)
    access = may(request, _scope(level, is_write=True))
    asked = doing.Asked(number, body.fields, body.quantity, _version(request))
    moved = attempted(
        request,
        lambda: doing.do(access, level, name, asked, at=now(), cause="api", key=_key(request)),
        pointer="/fields/",
    )
    response["ETag"] = _etag(moved.version)
    if moved.is_repeat:
        response["Idempotency-Replayed"] = "true"
    return moved_json(moved, access, _workflow(request), language_of(request))


def _scanned(request: HttpRequest, found: scanning.Scanned) -> dict[str, Any]:
    access, workflow, language = access_of(request), _workflow(request), language_of(request)
    return {
        "moved": [moved_json(one, access, workflow, language) for one in found.moved],
        "arrival": arrival_json(found.arrival) if found.arrival else None,
    }


# --- files ----------------------------------------------------------------------------------------------------


def _imported(
    request: HttpRequest, access: Access, act: Callable[..., importing.Report], dry_run: bool
) -> dict[str, Any]:
    try:
        report = act(access, _file(request), at=now(), cause="csv", is_dry_run=dry_run)
    except WrongFile as wrong:
        status = 413 if wrong.reason == "too_large" else 422
        raise Problem(status, "wrong-file", str(wrong), more={"reason": wrong.reason}) from None
    return importing.report_json(report, access, language_of(request))


def _file(request: HttpRequest) -> bytes:
    """The bytes of the file, however it was sent."""
    if request.content_type == "multipart/form-data":
        file = request.FILES.get("file")
        if file is None:
            raise Problem(422, "invalid", errors=[{"pointer": "/file", "detail": "missing"}])
        if (file.size or 0) > FILE_BYTES_MAX:
            raise Problem(413, "wrong-file", more={"reason": "too_large"})
        return bytes(file.read())
    if request.content_type == "text/csv":
        return request.body
    accepted = "text/csv, multipart/form-data"
    raise Problem(415, "media-type", f"Send {accepted}.", headers={"Accept-Post": accepted})


# --- who asks, and what he hears ------------------------------------------------------------------------------


def _scope(level: str, *, is_write: bool) -> str:
    if level in ("order", "item", "case"):
        return scopes.ORDERS_WRITE if is_write else scopes.ORDERS_READ
    return scopes.PARCELS_WRITE if is_write else scopes.PARCELS_READ


def _level(levels: str) -> str:
    return levels.removesuffix("s")


def _writer(request: HttpRequest) -> Writer:
    return Writer(access_of(request), language_of(request))


def _workflow(request: HttpRequest) -> Workflow:
    business = access_of(request).business
    return profiles.workflow(business.profile, business.profile_version)


def _order(request: HttpRequest, number: str) -> reading.OrderPage:
    access = may(request, scopes.ORDERS_READ)
    return sought(lambda: reading.order_page(access, number, now()))


def _load(
    request: HttpRequest, act: Callable[..., int], level: str, number: str, body: schemas.LoadingIn
) -> int:
    access = may(request, scopes.PARCELS_WRITE)

    def both() -> int:
        known = reading.find_many(access, "order", body.orders)
        if set(body.orders) - known.keys():
            raise NotYours
        pk = reading.find(access, level, number)
        return act(access, level, pk, [known[one] for one in body.orders], at=now(), cause="api")

    return attempted(request, both)


def _size(size: int) -> int:
    if not 1 <= size <= reading.SIZE_MAX:
        detail = f"from 1 to {reading.SIZE_MAX}"
        raise Problem(422, "invalid", errors=[{"pointer": "size", "detail": detail}])
    return size


def _key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > KEY_LENGTH_MAX or not key.isprintable():
        detail = f"at most {KEY_LENGTH_MAX} printable characters"
        raise Problem(422, "invalid", errors=[{"pointer": "Idempotency-Key", "detail": detail}])
    return key


def _etag(version: int) -> str:
    return f'"v{version}"'


def _version(request: HttpRequest) -> int | None:
    """The version that the caller has read; None when he does not care."""
    wanted = request.headers.get("If-Match", "").strip()
    if wanted in ("", "*"):
        return None
    found = _ETAG.fullmatch(wanted)
    if found is None:
        raise Problem(422, "invalid", errors=[{"pointer": "If-Match", "detail": 'as "v3"'}])
    return int(found[1])


_ETAG = re.compile(r'"v([0-9]{1,9})"')


def _listed(act: Callable[[], T]) -> T:
    try:
        return sought(act)
    except reading.UnknownFlag:
        raise Problem(422, "unknown-flag", errors=[{"pointer": "flag", "detail": "unknown"}]) from None
    except reading.UnknownState:
        raise Problem(422, "unknown-state", errors=[{"pointer": "state", "detail": "unknown"}]) from None
    except reading.WrongCursor:
        raise Problem(422, "wrong-cursor", errors=[{"pointer": "cursor", "detail": "unknown"}]) from None


def _outcome(request: HttpRequest, reference: str, outcome: moves.Outcome) -> dict[str, Any]:
    access = access_of(request)
    language, refusal = language_of(request), outcome.refusal
    moved = moved_json(outcome.moved, access, _workflow(request), language) if outcome.moved else None
    problem = importing.problem_json(explain(refusal, access, language)) if refusal else None
    return {"number": reference, "moved": moved, "problem": problem}
