"""Documents that a profile tells of: what is right is no fault, a slip is told by its rule."""

import pytest

from sledi import profiles
from sledi.core.workflow.vocabulary import TEMPLATES
from sledi.profiles.tests.test_faults import SHOP

CARD = (
    "documents:\n  card:\n    template: warranty_card\n    label: {en: Card, ru: Талон}\n"
    "    roles: [operator]\n    states: [open]\n    language: en\n    facts: {serials: note}\n"
)
INVOICE = (
    "documents:\n  bill: {template: invoice, label: {en: Bill, ru: Счёт}, roles: [operator], states: [open],"
    " facts: {vat_percent: reason}}\n"
)
FORM = (
    "documents:\n  back: {template: return_form, label: {en: Back, ru: Назад}, roles: [operator], states: [open],"
    " facts: {days: stall_days}}\n"
)


def faults(more: str, shop: str = SHOP) -> list[str]:
    return [one.rule for one in profiles.faults_of(shop + more, "shop.yaml")]


def test_documents_are_no_fault() -> None:
    assert faults(CARD) == []
    assert faults(FORM) == []


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        (CARD.replace("warranty_card", "love_letter"), "unknown-template"),
        (CARD.replace("  card:", "  Card No 1:"), "wrong-key"),
        (CARD.replace("  card:", "  all:"), "duplicate"),
        (CARD.replace(", ru: Талон", ""), "missing-words"),
        (CARD.replace("[operator]", "[]"), "no-role"),
        (CARD.replace("[operator]", "[timer]"), "unknown-role"),
        (CARD.replace("[open]", "[]"), "no-states"),
        (CARD.replace("[open]", "[flying]"), "unknown-state"),
        (CARD.replace("language: en", "language: bg"), "languages"),
        (CARD.replace("{serials: note}", "{colour: note}"), "unknown-field"),
        (CARD.replace("{serials: note}", "{serials: colour}"), "unknown-field"),
        (CARD.replace("{serials: note}", "{months: note}"), "field-type"),
        (CARD.replace("label", "labels"), "document"),
        (INVOICE, "field-option"),
        (FORM.replace("stall_days", "no_days"), "unknown-setting"),
        (FORM.replace("{days: stall_days}", "{}"), "unknown-setting"),
    ],
)
def test_a_slip_in_them_is_told(more: str, rule: str) -> None:
    assert faults(more) == [rule]


def test_the_workflow_knows_them_and_their_ticks() -> None:
    marketplace = profiles.workflow("marketplace")
    assert list(marketplace.documents) == ["warranty_card", "invoice", "credit_note", "return_form"]
    assert {one.template for one in marketplace.documents.values()} == set(TEMPLATES)
    assert "complete_verified" in marketplace.documents["invoice"].states, "a parent stands for its children"
    for level, move in (("order", "ship"), ("parcel", "send_replacement")):
        ticks = [one.document for one in marketplace.transitions(level)[move].fields if one.document]
        assert ticks == ["warranty_card", "invoice", "return_form"]
