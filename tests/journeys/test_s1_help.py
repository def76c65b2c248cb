"""The help of a shop is its workflow in words: what it says changes with the profile, and never by hand."""

import re

import pytest

from sledi import profiles
from sledi.core.workflow import load
from sledi.orders import showing
from tests.journeys.office import Office, text_of

PROFILE = "retail"

WORKFLOW = profiles.workflow(PROFILE)


@pytest.mark.promise("S1.11")
def test_the_help_table_is_the_workflow_and_changes_with_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for level in ("order", "item"):
        for key, state in WORKFLOW.states(level).items():
            if WORKFLOW.leaves(level, key) != (key,):
                continue
            said = _section(office, f"{level}-{key}")
            assert state.label["ru"] in said
            assert state.about["ru"] in said
            moves = [one for one in WORKFLOW.transitions(level).values() if not one.is_correction]
            for move in moves:
                way = f"<li>{_escaped(move.label['ru'])}"
                assert (way in _html(office, f"{level}-{key}")) is move.starts_in(key), (key, move.name)
    document, lines = profiles.read(profiles.text(PROFILE), "retail.yaml")
    move = document["transitions"]["order"]["cancel"]
    move["label"]["ru"], move["from"] = "Передумать", ["pending", "payment_received"]
    changed = load(document, lines=lines, source="retail.yaml")
    monkeypatch.setattr(profiles, "workflow", lambda name, version=None: changed)
    for state in ("pending", "payment_received"):
        assert "Передумать" in _section(office, f"order-{state}")
        assert "Отменить заказ →" not in _section(office, f"order-{state}")
    assert showing.explained_levels(changed, "ru") != showing.explained_levels(WORKFLOW, "ru")


def _html(office: Office, anchor: str) -> str:
    html = office.html("buyer", "legend/")
    found = re.search(rf'<li id="{anchor}">(.*?)(?=<li id="|</section>)', html, re.DOTALL)
    assert found, anchor
    return found[1]


def _section(office: Office, anchor: str) -> str:
    return text_of(f"<main>{_html(office, anchor)}</main>")


def _escaped(words: str) -> str:
    return words.replace("’", "&#x27;") if "'" in words else words
