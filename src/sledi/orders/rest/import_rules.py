"""The REST interface of import rules: what may not be brought into which country."""

from typing import Any

from django.http import HttpRequest
from ninja import Schema, Status
from pydantic import ConfigDict, Field

from sledi.accounts import scopes
from sledi.api.problems import Problem, documented
from sledi.orders.moving import import_bans
from sledi.orders.rest.asking import (
    SEEN,
    WRITTEN,
    attempted,
    may,
    now,
    orders_router,
)
from sledi.orders.rest.order_json import import_rule_json
from sledi.orders.rest.schemas import ImportRuleOut
from sledi.orders.rest.shapes import Day, Shape

router = orders_router()


class ImportRuleIn(Schema):
    model_config = ConfigDict(extra="forbid")
    destination: str = Field(description="ISO 3166-1, as KZ")
    category: str = Field(description="As items have it; upper and lower case are the same")
    text: str
    source: str
    stated_on: Day = Field(description="The day of the source")


class ImportRulesOut(Shape):
    rules: list[ImportRuleOut]


@router.get(
    "/businesses/{business}/import-rules",
    response=ImportRulesOut,
    openapi_extra=documented(*SEEN),
    summary="What may not be brought into which country",
)
def get_import_rules(request: HttpRequest, business: str) -> Any:
    """By country and category, each with its source."""
    access = may(request, scopes.ORDERS_READ)
    return {"rules": [import_rule_json(rule) for rule in import_bans.rules_of(access)]}


@router.post(
    "/businesses/{business}/import-rules",
    response={201: ImportRuleOut},
    openapi_extra=documented(*WRITTEN),
    summary="Keep a rule",
)
def post_import_rule(request: HttpRequest, business: str, body: ImportRuleIn) -> Any:
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
