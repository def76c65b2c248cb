"""Whoever runs an installation finds every setting in the documentation."""

from pathlib import Path

from sledi.project.settings import OPTIONS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_setting_stands_in_the_documentation() -> None:
    said = "\n".join(page.read_text() for page in DOCUMENTS)
    assert [reading.name for reading in OPTIONS.readings if reading.name not in said] == []


def test_every_setting_says_what_it_is_for() -> None:
    assert [reading.name for reading in OPTIONS.readings if not reading.what] == []


def test_every_carrier_that_wants_credentials_says_which_in_its_page() -> None:
    from sledi.carriers import all_carriers

    wanting = [module.SLUG for module in all_carriers() if any(call.secrets for call in module.CALLS)]
    assert [
        slug
        for slug in wanting
        if f"SLEDI_CARRIER_{slug.upper()}_" not in (ROOT / "docs" / "carriers" / f"{slug}.md").read_text()
    ] == []
