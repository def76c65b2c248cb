"""What may not be brought into the country an order goes to: rules that a business keeps, by category."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core.numbers.countries import ASSIGNED
from sledi.core.workflow import Field, Refused, Workflow
from sledi.core.workflow.contexts import IMPORT_BANS
from sledi.core.workflow.fields import clean
from sledi.core.workflow.refusals import words
from sledi.history import Happened
from sledi.history.operations import record
from sledi.orders.models import ImportRule, Item
from sledi.orders.moving.scene import Scene, Subject

KEEPERS = frozenset({roles.OWNER, roles.PLATFORM, roles.SUPERVISOR})
"""Who may change the rules; all of the staff read them."""

_FIELDS = (
    Field(
        "destination", "choice", {"en": "destination"}, choices={country: {} for country in sorted(ASSIGNED)}
    ),
    Field("category", "text", {"en": "category"}, max_length=80),
    Field("text", "text", {"en": "text"}, max_length=1000),
    Field("source", "text", {"en": "source"}, max_length=300),
    Field("stated_on", "date", {"en": "stated_on"}),
)


def import_bans(scene: Scene, subject: Subject) -> list[str]:
    """The texts of the rules that forbid an item's import into the country of its order, each with its source."""
    if not isinstance(subject, Item):
        return []
    destination = scene.orders[subject.order_id].destination
    found = rules_for(scene.business.pk, destination, [subject.category])
    return [str(rule) for rule in found.values()]


def rules_for(business_id: UUID, destination: str, categories: Collection[str]) -> dict[str, ImportRule]:
    """The rules of a country for these categories, by category as ``folded`` has it. One query, or none."""
    wanted = {folded(category) for category in categories} - {""}
    if not destination or not wanted:
        return {}
    known = ImportRule.objects.filter(business=business_id, destination=destination, category__in=wanted)
    return {rule.category: rule for rule in known}


def rules_of(access: Access) -> list[ImportRule]:
    """All rules of a business, by country and category: staff and resellers read them, nobody else."""
    if not may_read(access):
        return []
    return list(ImportRule.objects.filter(business=access.business).order_by("destination", "category"))


def may_read(access: Access) -> bool:
    """Whether the profile heeds such rules, and this role reads them."""
    profile = access.business.workflow
    return heeds_rules(profile) and access.role in roles.STAFF | {roles.RESELLER}


def may_keep(access: Access) -> bool:
    """Whether this role changes the rules."""
    return may_read(access) and access.role in KEEPERS


def heeds_rules(workflow: Workflow) -> bool:
    """Whether any move of an item asks what forbids its import."""
    moves = workflow.transitions("item").values() if "item" in workflow.levels else ()
    return any(IMPORT_BANS in guard.rule.names for move in moves for guard in move.guards)


def folded(category: str) -> str:
    """A category as rules compare it: however people write it."""
    return " ".join(category.split()).casefold()


@transaction.atomic
def keep_rule(access: Access, given: Mapping[str, object], *, at: datetime, cause: str) -> ImportRule:
    """Keep a rule; one of the same country and category is replaced. Raises Refused (wrong_role, wrong_field …)."""
    _require_keeper(access)
    known = clean(_FIELDS, given, access.business.currency)
    rule, _is_new = ImportRule.objects.update_or_create(
        business=access.business,
        destination=known["destination"],
        category=folded(str(known["category"])),
        defaults={
            "text": str(known["text"]),
            "source": str(known["source"]),
            "stated_on": date.fromisoformat(str(known["stated_on"])),
        },
    )
    _tell(access, rule, "keep", at, cause, dict(known))
    return rule


@transaction.atomic
def drop_rule(access: Access, destination: str, category: str, *, at: datetime, cause: str) -> bool:
    """Drop a rule; whether there was one. Raises Refused (wrong_role)."""
    _require_keeper(access)
    rule = ImportRule.objects.filter(
        business=access.business, destination=destination, category=folded(category)
    ).first()
    if rule is None:
        return False
    _tell(access, rule, "drop", at, cause, {})
    rule.delete()
    return True


def _require_keeper(access: Access) -> None:
    if not may_keep(access):
        raise Refused("wrong_role", words=words("wrong_role"))


def _tell(
    access: Access, rule: ImportRule, act: str, at: datetime, cause: str, after: dict[str, object]
) -> None:
    facts = after or {"destination": rule.destination, "category": rule.category}
    told = Happened(
        access.business.pk, "import_rule", rule.pk, rule.pk, act, access.actor, cause, at, after=facts
    )
    record([told])
