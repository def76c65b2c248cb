"""What becomes a PDF: any text as text, the same bytes for the same words, every sign that is said to be drawn."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from sledi.documents.rendering import FONTS, pdf, pictures, printable
from sledi.documents.words import every
from sledi.web.languages import LANGUAGES

NOW = datetime(2026, 9, 28, 9, tzinfo=UTC)


def form(*goods: str, language: str = "en", **more: Any) -> dict[str, Any]:
    words = {key: said[language] for key, said in every().items() if "{" not in said[language]}
    return {
        "template": "return_form",
        "language": language,
        "title": "Return form",
        "foot": "Return form · Order 7KQM3XF4",
        "facts": [["Order", "7KQM3XF4"]],
        "parties": [{"name": "Seller", "lines": ["Lights Ltd"]}, {"name": "Buyer", "lines": ["Vesela"]}],
        "deadline": "Until tomorrow.",
        "columns": ["", "Goods", "Pieces", "Returned"],
        "rows": [[name, "1"] for name in goods],
        "words": words | {"intro": words["return_intro"]},
        **more,
    }


def made(*sheets: dict[str, Any]) -> bytes:
    return pdf(sheets, title="Return form", author="Lights Ltd", made_at=NOW)


def read(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def test_the_same_words_give_the_same_bytes() -> None:
    assert made(form("Lamp")) == made(form("Lamp"))
    assert made(form("Lamp")) != made(form("Lamps"))


@pytest.mark.parametrize(
    "name",
    [
        '#import "@preview/x:1.0.0": *',
        '#read("../rendering.py")',
        "$ integral $ *bold* _it_ `raw`",
        "= heading",
        "\\ \\u{41} #{1+1} [x] <label> @label",
        "/* not a comment */ // nor this",
        '{"json": "\\u0041"}',
        "~ -- --- ... 'quotes' \"double\"",
    ],
)
def test_no_markup_of_a_name_is_read(name: str) -> None:
    assert " ".join(name.split()) in read(made(form(name)))


def test_every_sign_that_the_fonts_are_said_to_draw_is_drawn() -> None:
    """A sign without a glyph would be an error of PDF/A."""
    points: list[int] = []
    for pair in (FONTS / "covered.txt").read_text().split():
        first, last = (int(end, 16) for end in pair.split("-"))
        points += range(first, last + 1)
    assert len(points) == 1432
    signs = "".join(map(chr, points))
    made(form(*(signs[start : start + 60] for start in range(0, len(signs), 60)), title=signs))


@pytest.mark.parametrize("language", ["ru", "bg", "kk", "uk", "en"])
def test_all_words_are_said_in_every_language_with_the_same_blanks_and_can_be_drawn(language: str) -> None:
    import string

    for key, said in every().items():
        assert set(said) == {"ru", "bg", "kk", "uk", "en"} <= set(LANGUAGES), key
        blanks = [
            {name for _t, name, _f, _c in string.Formatter().parse(one) if name} for one in said.values()
        ]
        assert all(one == blanks[0] for one in blanks), key
        assert printable(said[language]) == said[language], key


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Лампа", "Лампа"),
        ("и\u0306", "й"),  # composed
        ("a\u202eb\u200fc\u0000d", "abcd"),  # signs that turn the text around, and none at all
        ("a\tb", "a b"),
        ("😀 שלום", "\ufffd \ufffd\ufffd\ufffd\ufffd"),
        ("−5", "–5"),
        ("灯", "\ufffd"),
        ("\ud800x", "x"),
    ],
)
def test_what_cannot_be_drawn_is_marked_and_what_has_no_shape_leaves(text: str, printed: str) -> None:
    assert printable(text) == printed


def test_a_word_without_an_end_stays_in_its_column() -> None:
    name = "Щ" * 300
    content = made(form(name))
    assert read(content).count("Щ") == 300
    (page,) = PdfReader(BytesIO(content)).pages
    widths: list[float] = []
    page.extract_text(visitor_text=lambda text, _cm, tm, _font, size: widths.append(tm[4]))
    assert max(widths) < 595


def test_documents_in_one_file_begin_on_pages_of_their_own_and_count_them_apart() -> None:
    long = form(*(f"Lamp {place}" for place in range(80)))
    pages = [page.extract_text() for page in PdfReader(BytesIO(made(long, form("Cup")))).pages]
    count = len(pages) - 1
    assert count > 1
    assert f"2 / {count}" in pages[1]
    assert "1 / 1" in pages[-1]
    assert "Cup" in pages[-1]
    assert "Cup" not in "".join(pages[:-1])
    assert len(pictures([form("Cup")], made_at=NOW)) == 1


def test_it_is_an_archives_pdf_with_tags_and_a_language() -> None:
    found = PdfReader(BytesIO(made(form("Lamp"))))
    root: Any = found.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("en")
    assert b"<pdfaid:part>2</pdfaid:part>" in root["/Metadata"].get_data()
    assert found.metadata is not None
    assert (found.metadata.title, found.metadata.author) == ("Return form", "Lights Ltd")
