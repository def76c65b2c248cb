"""Files of orders and of moves: what is read, what is refused with which words, and what a dry run leaves."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from sledi.history.models import Record
from sledi.ledger.models import Entry
from sledi.orders.files import importing, sheets
from sledi.orders.files.importing import import_moves, import_orders
from sledi.orders.files.sheets import WrongFile
from sledi.orders.models import Idempotency, Item, Order, Outbox
from sledi.orders.moving.making import Line
from sledi.orders.reasons import explain
from sledi.orders.tests.stage import NOW, Stage, new_stage
from sledi.tracking.models import Watch

ORDERS = 'reference,name,quantity,unit_price\nA-1,Kettle,2,"12,50"\nA-1,Cup,1,3\nA-2,Plate,,7.00\n'


def imported(
    stage: Stage, text: str | bytes, *, role: str = "reseller", dry: bool = False
) -> importing.Report:
    content = text.encode() if isinstance(text, str) else text
    return import_orders(stage.access(role), content, at=NOW, cause="csv", is_dry_run=dry)


def moved(stage: Stage, text: str, *, role: str = "operator", dry: bool = False) -> importing.Report:
    return import_moves(stage.access(role), text.encode(), at=NOW, cause="csv", is_dry_run=dry)


def outcomes(report: importing.Report) -> list[tuple[int, str]]:
    return [(result.row, result.outcome) for result in report.results]


def kinds(stage: Stage, report: importing.Report, role: str = "operator") -> list[str]:
    told = importing.report_json(report, stage.access(role), "en")["rows"]
    return [row["problem"]["type"].partition("#")[2] if row["problem"] else "" for row in told]


def written() -> tuple[int, ...]:
    models = (Order, Item, Record, Entry, Outbox, Idempotency, Watch)
    return tuple(model._default_manager.count() for model in models)


def book(*rows: Any, sheets_more: int = 0) -> bytes:
    made = openpyxl.Workbook()
    assert made.active is not None
    for row in rows:
        made.active.append(row)
    for _ in range(sheets_more):
        made.create_sheet()
    into = io.BytesIO()
    made.save(into)
    return into.getvalue()


class TestOrders:
    def test_rows_with_the_same_reference_are_one_order(self, stage: Stage) -> None:
        report = imported(stage, ORDERS)
        assert outcomes(report) == [(2, "done"), (4, "done")]
        first, second = (Order.objects.get(number=result.number) for result in report.results)
        assert (first.goods_minor, second.goods_minor) == (2800, 700)
        assert list(first.items.order_by("line").values_list("name", "quantity")) == [
            ("Kettle", 2),
            ("Cup", 1),
        ]
        assert first.reseller_id == stage.person("reseller").pk
        assert {record.cause for record in Record.objects.all()} == {"csv"}

    def test_a_second_import_repeats_and_places_nothing(self, stage: Stage) -> None:
        first = imported(stage, ORDERS)
        before = written()
        again = imported(stage, ORDERS)
        assert outcomes(again) == [(2, "repeated"), (4, "repeated")]
        assert [one.number for one in again.results] == [one.number for one in first.results]
        assert written() == before
        changed = imported(stage, ORDERS.replace("Plate", "Bowl"))
        assert kinds(stage, changed) == ["", "key-used-otherwise"]

    def test_another_persons_reference_is_another_order(self, stage: Stage) -> None:
        imported(stage, ORDERS)
        other = import_orders(stage.access("reseller", "boris"), ORDERS.encode(), at=NOW, cause="csv")
        assert outcomes(other) == [(2, "done"), (4, "done")]
        assert Order.objects.count() == 4

    def test_a_dry_run_checks_everything_and_leaves_nothing(self, stage: Stage) -> None:
        before = written()
        report = imported(stage, ORDERS + "A-3,,1,1\n", dry=True)
        assert report.is_dry_run
        assert outcomes(report) == [(2, "done"), (4, "done"), (5, "refused")]
        assert kinds(stage, report) == ["", "", "missing-field"]
        assert written() == before

    def test_a_bad_row_names_its_field_and_the_rest_goes_on(self, stage: Stage) -> None:
        text = (
            "reference;name;quantity;unit_price;country\n"
            "B-1;Cup;0;1;CN\n"
            "B-2;Cup;1;1.005;CN\n"
            "B-3;Cup;1;1;ZZ\n"
            ";Cup;1;1;CN\n"
            "B-5;Cup;1;1;CN\n"
        )
        report = imported(stage, text)
        told = importing.report_json(report, stage.access("reseller"), "ru")["rows"]
        assert [(row["outcome"], row["problem"] and row["problem"]["field"]) for row in told] == [
            ("refused", "items/0/quantity"),
            ("refused", "items/0/unit_price"),
            ("refused", "items/0/country"),
            ("refused", "reference"),
            ("done", None),
        ]
        assert Order.objects.count() == 1

    def test_rows_of_an_order_that_disagree_are_refused(self, stage: Stage) -> None:
        text = "reference,name,city\nC-1,Cup,Алматы\nC-1,Plate,Астана\nC-2,Cup,Алматы\nC-2,Plate,\n"
        report = imported(stage, text)
        assert outcomes(report) == [(2, "refused"), (4, "done")]
        told = importing.report_json(report, stage.access("reseller"), "en")["rows"][0]["problem"]
        assert (told["reason"], told["field"]) == ("conflict", "city")

    def test_what_only_staff_may_say_is_unknown_to_others(self, stage: Stage) -> None:
        text = "reference,name,fee\nD-1,Cup,1\n"
        assert kinds(stage, imported(stage, text)) == ["unknown-field"]
        assert outcomes(imported(stage, text, role="operator")) == [(2, "done")]
        assert Order.objects.get().fee_minor == 100


class TestReadingFiles:
    @pytest.mark.parametrize(
        "content",
        [
            "reference,name\nЗ-1x,Чайник\n",
            "\ufeffreference,name\r\nЗ-1x,Чайник\r\n",
            "reference;name\nЗ-1x;Чайник\n",
            "sep=;\nreference;name\nЗ-1x;Чайник\n",
            "reference\tname\nЗ-1x\tЧайник\n",
            '"Reference" ,"NAME"\n"З-1x","Чайник"\n\n,,\n',
        ],
    )
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251"])
    def test_what_spreadsheets_write_is_read(self, content: str, encoding: str) -> None:
        # The old encoding has no mark to begin with.
        text = content.removeprefix("\ufeff") if encoding == "cp1251" else content
        sheet = sheets.read(text.encode(encoding))
        assert sheet.columns == ("reference", "name")
        assert [line.cells for line in sheet.lines] == [{"reference": "З-1x", "name": "Чайник"}]

    def test_a_spreadsheet_is_read_like_text(self) -> None:
        from datetime import datetime

        content = book(
            ["reference", "name", "quantity", "unit_price", "paid_on"],
            ["A-1", "Чайник", 2, 12.5, datetime(2026, 9, 28)],  # noqa: DTZ001  spreadsheets know no zones
            [None, None, None, None, None],
            [17, " Cup ", 3.0, True, None],
        )
        sheet = sheets.read(content)
        assert [(line.number, line.cells) for line in sheet.lines] == [
            (
                2,
                {
                    "reference": "A-1",
                    "name": "Чайник",
                    "quantity": "2",
                    "unit_price": "12.5",
                    "paid_on": "2026-09-28",
                },
            ),
            (4, {"reference": "17", "name": "Cup", "quantity": "3", "unit_price": "true"}),
        ]

    @pytest.mark.parametrize("cell", ["=1+1", '=HYPERLINK("http://evil.example")', " =cmd|' /C calc'!A0"])
    def test_a_formula_is_refused_by_name(self, stage: Stage, cell: str) -> None:
        for content in (
            book(["reference", "name"], ["A-1", cell]),
            f'reference\tname\nA-1\t"{cell.replace(chr(34), chr(34) * 2)}"\n',
        ):
            report = imported(stage, content)
            told = importing.report_json(report, stage.access("reseller"), "en")["rows"][0]["problem"]
            assert (told["reason"], told["field"]) == ("formula", "name")
        assert Order.objects.count() == 0

    def test_a_number_that_a_spreadsheet_rounded_is_refused(self, stage: Stage) -> None:
        content = book(["reference", "name"], [8012345678901234567, "Cup"])
        told = importing.report_json(imported(stage, content), stage.access("reseller"), "en")["rows"][0][
            "problem"
        ]
        assert told["reason"] == "rounded"

    def test_a_very_long_cell_is_refused(self, stage: Stage) -> None:
        report = imported(stage, f"reference,name\nA-1,{'x' * 5000}\nA-2,Cup\n")
        assert outcomes(report) == [(2, "refused"), (3, "done")]

    def test_cells_beside_the_header_are_refused(self, stage: Stage) -> None:
        assert outcomes(imported(stage, "reference,name\nA-1,Cup,more\nA-2,Cup,\n")) == [
            (2, "refused"),
            (3, "done"),
        ]

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "empty"),
            (b"\n \n", "empty"),
            (b",,\n", "empty"),
            (b"PK\x03\x04 nothing of the kind", "unreadable"),
            (b"\x00\x01\x02\x03", "encoding"),
            (b"\xff\xfe\x00", "encoding"),
            (b"name\nCup\n", "missing_column"),
            (b"reference,name,colour\nA,B,C\n", "unknown_column"),
            (b"reference,name,Name\nA,B,C\n", "column_twice"),
            (b"reference,name," + b",".join(b"c%d" % n for n in range(70)) + b"\n", "too_many_columns"),
            (b"reference,name\n" + b"A,B\n" * 1001, "too_many_rows"),
            (b"x" * 5_000_001, "too_large"),
            (b'reference,name\nA,"' + b"x" * 200_000 + b'"\n', "unreadable"),
        ],
    )
    def test_what_is_no_table_is_refused(self, stage: Stage, content: bytes, reason: str) -> None:
        with pytest.raises(WrongFile) as wrong:
            imported(stage, content)
        assert wrong.value.reason == reason
        assert Order.objects.count() == 0

    def test_a_file_that_unpacks_to_too_much_is_refused_unread(self) -> None:
        into = io.BytesIO()
        with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("xl/worksheets/sheet1.xml", b"\0" * (sheets.UNPACKED_BYTES_MAX + 1))
        assert len(into.getvalue()) < 100_000
        with pytest.raises(WrongFile) as wrong:
            sheets.read(into.getvalue())
        assert wrong.value.reason == "too_large"

    @pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
    @pytest.mark.parametrize("instead", [b"", b"<broken", b"<?xml version='1.0'?><other/>"])
    def test_a_broken_spreadsheet_is_refused_or_empty(self, part: str, instead: bytes) -> None:
        into = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(book(["reference", "name"], ["A", "B"]))) as whole,
            zipfile.ZipFile(into, "w") as broken,
        ):
            for name in whole.namelist():
                broken.writestr(name, instead if name == part else whole.read(name))
        with pytest.raises(WrongFile):
            sheets.read(into.getvalue())


class TestMoves:
    def ordered(self, stage: Stage, *states: str) -> list[Item]:
        items = []
        for state in states:
            item = Item.objects.get(order=stage.order(Line("Kettle", unit_price_minor=1000)))
            stage.put(item, state)
            items.append(item)
        return items

    def test_every_row_has_its_result_in_the_order_of_the_file(self, stage: Stage) -> None:
        first, second, third = self.ordered(stage, "ordered", "buying", "ordered")
        text = (
            "level;number;move;domestic_number;reason;note\n"
            f"item;{first.order.number}.1;dispatch;RR123456785CN;;\n"
            f"item;{second.order.number}.1;dispatch;RR123456785CN;;\n"
            f"items;{third.order.number}/1;refuse;;other;\n"
            f"item;{third.order.number}.1;refuse;;other;burnt down\n"
            "item;AAAAAAAA.1;dispatch;RR123456785CN;;\n"
            f"item;{first.order.number}.1;fly;;;\n"
            f"item;{first.order.number}.1;take;;;\n"
            f"nothing;{first.order.number};take;;;\n"
            f"item;;dispatch;RR123456785CN;;\n"
        )
        report = moved(stage, text)
        assert kinds(stage, report) == [
            "",
            "wrong-state",
            "guard",
            "",
            "not-found",
            "unknown-move",
            "one-at-a-time",
            "unknown-move",
            "missing-field",
        ]
        first.refresh_from_db()
        third.refresh_from_db()
        assert (first.state, third.state) == ("domestic_transit", "cannot_supply")
        assert {record.cause for record in Record.objects.filter(act__in=["dispatch", "refuse"])} == {"csv"}

    def test_a_dry_run_of_moves_leaves_nothing_and_sees_what_rows_before_did(self, stage: Stage) -> None:
        (item,) = self.ordered(stage, "ordered")
        text = (
            "level,number,move,domestic_number,scanned_number\n"
            f"item,{item.order.number}.1,dispatch,RR123456785CN,\n"
            f"item,{item.order.number}.1,receive,,RR123456785CN\n"
            f"item,{item.order.number}.1,dispatch,RR123456785CN,\n"
        )
        before = written()
        assert kinds(stage, moved(stage, text, dry=True)) == ["", "", "wrong-state"]
        assert written() == before
        assert kinds(stage, moved(stage, text)) == ["", "", "wrong-state"]

    def test_quantity_and_version_are_whole_numbers(self, stage: Stage) -> None:
        (item,) = self.ordered(stage, "ordered")
        number = f"{item.order.number}.1"
        text = (
            "level,number,move,quantity,version,domestic_number\n"
            f"item,{number},dispatch,1.5,,RR123456785CN\n"
            f"item,{number},dispatch,2,,RR123456785CN\n"
            f"item,{number},dispatch,,9,RR123456785CN\n"
            f"item,{number},dispatch,1,1,RR123456785CN\n"
        )
        assert kinds(stage, moved(stage, text)) == ["wrong-field", "wrong-field", "stale", ""]

    def test_a_thousand_rows_do_not_cost_a_thousand_times_as_much(self, stage: Stage) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        def cost(count: int) -> int:
            items = self.ordered(stage, *["ordered"] * count)
            rows = "".join(f"item,{item.order.number}.1,refuse,sold_out\n" for item in items)
            with CaptureQueriesContext(connection) as captured:
                report = moved(stage, "level,number,move,reason\n" + rows)
            assert {result.outcome for result in report.results} == {"done"}
            return len(captured)

        assert cost(30) < 30 * cost(1)


def test_a_file_is_refused_as_a_button_is(db: None) -> None:
    """The reason and the words of a row are those of the operation itself."""
    from sledi.core.workflow import Refused

    stage = new_stage("marketplace")
    order = stage.order(seller_id=stage.person("seller").pk)
    stage.put(order, "processing")
    with pytest.raises(Refused) as refused:
        stage.move("seller", "order", order.pk, "ship", {})
    report = moved(stage, f"number,move\n{order.number},ship\n", role="seller")
    access = stage.access("seller")
    told = importing.report_json(report, access, "bg")["rows"][0]["problem"]
    assert told == importing.problem_json(explain(refused.value, access, "bg"))
