"""``sledi order`` and ``sledi parcel``: what they print, their exit codes, and that they say what every door says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sledi import profiles
from sledi.accounts.models import Membership
from sledi.cli import main
from sledi.core.workflow.refusals import words
from sledi.history.models import Record
from sledi.orders.models import Item, Order, Outbox
from sledi.orders.moving.making import Line
from sledi.orders.tests.stage import NOW, Stage, new_stage
from sledi.parcels.models import Parcel

Run = Callable[..., tuple[int, str, str]]
FLOWERS = Path(profiles.__file__).parent / "tests"


@pytest.fixture
def shop(db: None) -> Stage:
    return new_stage("buyout")


@pytest.fixture
def run(shop: Stage, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(shop, capsys)


def runner(stage: Stage, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(role: str, *arguments: str) -> tuple[int, str, str]:
        person = stage.person(role)
        Membership.objects.get_or_create(
            business=stage.business, person=person, role=role, defaults={"created_at": NOW}
        )
        code = main([*arguments, "--business", stage.business.slug, "--as", f"{person.email}:{role}"])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def item_in(stage: Stage, state: str) -> Item:
    item = Item.objects.get(order=stage.order(Line("Чайник", unit_price_minor=3000)))
    stage.put(item, state)
    return item


def written() -> tuple[Any, ...]:
    return (
        Record.objects.count(),
        Outbox.objects.count(),
        sorted(Item.objects.values_list("pk", "version", "state")),
        sorted(Order.objects.values_list("pk", "version", "state")),
    )


def test_orders_are_listed_a_line_each(shop: Stage, run: Run) -> None:
    order = shop.order(Line("Чайник", unit_price_minor=3000, fee_minor=300))
    code, printed, _ = run("reseller", "order", "list", "--lang", "ru")
    assert code == 0
    assert printed.split()[0] == order.number
    assert "33.00 RUB" in printed
    listed = json.loads(run("reseller", "order", "list", "--jsonl")[1])
    assert (listed["number"], listed["amounts"]["total"]["amount"]) == (order.number, "33.00")
    assert run("operator", "order", "list", "--state", "delivered")[:2] == (1, "")


def test_an_order_is_shown_as_the_api_gives_it(shop: Stage, run: Run) -> None:
    order = shop.order()
    code, printed, _ = run("reseller", "order", "show", order.number, "--json")
    assert code == 0
    assert json.loads(printed)["id"] == str(order.pk)
    assert "Kettle" in run("reseller", "order", "show", order.number)[1]


def test_an_order_is_placed_and_placed_once(shop: Stage, run: Run) -> None:
    place = (
        "order",
        "create",
        "--item",
        "name=Kettle;quantity=2;unit_price=12,50",
        "--field",
        "reference=A-1",
    )
    code, number, _ = run("reseller", *place)
    assert code == 0
    assert run("reseller", *place)[1] == number
    assert Order.objects.get().goods_minor == 2500
    code, printed, said = run("reseller", "order", "create", "--item", "quantity=2")
    assert (code, printed) == (1, "")
    assert said == f"sledi: {words('missing_field', field='name')['en']}\n"


def test_a_move_is_done_with_its_fields(shop: Stage, run: Run) -> None:
    item = item_in(shop, "ordered")
    number = f"{item.order.number}.1"
    move = (
        "order",
        "move",
        number,
        "dispatch",
        "--level",
        "item",
        "--field",
        "domestic_number=RR123456785CN",
    )
    before = written()
    code, printed, _ = run("operator", *move, "--dry-run")
    assert (code, printed) == (0, "nothing hinders it: ordered → domestic_transit\n")
    assert written() == before
    assert run("operator", *move) == (0, f"{number}: ordered → domestic_transit\n", "")
    assert Record.objects.latest("sequence").cause == "cli"


def test_moves_are_listed_with_what_hinders_them(shop: Stage, run: Run) -> None:
    order = shop.order(Line("Cup"), Line("Plate"))
    for item, state in zip(
        Item.objects.filter(order=order).order_by("line"), ("received", "ordered"), strict=True
    ):
        shop.put(item, state)
    code, printed, _ = run("logist", "order", "moves", order.number, "--lang", "ru")
    assert code == 0
    assert "· form --level parcel" in printed
    assert "2 Plate" in printed
    assert (
        json.loads(run("logist", "order", "moves", order.number, "--json")[1])["moves"][0]["name"] == "form"
    )


def test_a_refusal_is_told_for_people_and_for_programs(shop: Stage, run: Run) -> None:
    item = item_in(shop, "received")
    before = written()
    move = ("order", "move", f"{item.order.number}.1", "take", "--level", "item", "--lang", "kk")
    code, printed, said = run("operator", *move)
    refusal = "Қазір: «Қоймаға қабылданды». Бұл әрекетті тек мына күйлерден орындауға болады: «Сатып алу кезегінде»."
    assert (code, printed, said) == (1, "", f"sledi: {refusal}\n")
    told = json.loads(run("operator", *move, "--json")[1])
    assert (told["type"], told["title"]) == ("/api/v1/problems#wrong-state", refusal)
    assert written() == before


@pytest.mark.parametrize("reference", ["AAAAAAAA", "x", "", "\0"])
def test_what_is_not_there_is_refused(shop: Stage, run: Run, reference: str) -> None:
    for act in ("show", "moves"):
        code, printed, said = run("reseller", "order", act, reference)
        assert (code, printed) == (1, "")
        assert said.startswith("sledi: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("list", "--business", "buyout"),
        ("list", "--business", "buyout", "--as", "a@b.kz", "--size", "0"),
        ("list", "--business", "buyout", "--as", "a@b.kz", "--json", "--jsonl"),
        ("move", "X", "take", "--business", "buyout", "--as", "a@b.kz", "--field", "novalue"),
        ("move", "X", "take", "--business", "buyout", "--as", "a@b.kz", "--level", "payout"),
    ],
)
def test_wrong_use_ends_with_two(db: None, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["order", *arguments])
    assert ended.value.code == 2


@pytest.mark.parametrize("actor", ["nobody@example.com", "reseller-buyout@example.com:owner"])
def test_who_is_no_member_does_nothing(shop: Stage, capsys: pytest.CaptureFixture[str], actor: str) -> None:
    person = shop.person("reseller")
    Membership.objects.create(business=shop.business, person=person, role="reseller", created_at=NOW)
    assert main(["order", "list", "--business", "buyout", "--as", actor]) == 1
    assert "see `sledi person invite`" in capsys.readouterr().err


def test_a_file_of_orders_and_of_moves(shop: Stage, run: Run, tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("reference;name;unit_price\nA-1;Чайник;12,50\nA-2;;1\n", encoding="cp1251")
    code, printed, _ = run("reseller", "order", "import", str(orders), "--dry-run")
    assert (code, Order.objects.count()) == (1, 0)
    assert printed.endswith("1 would be done, 0 were before, 1 would be refused\n")
    code, printed, _ = run("reseller", "order", "import", str(orders), "--jsonl")
    assert (code, Order.objects.count()) == (1, 1)
    assert [json.loads(line)["outcome"] for line in printed.splitlines()] == ["done", "refused"]
    item = Item.objects.get()
    shop.put(item, "ordered")
    moves = tmp_path / "moves.csv"
    moves.write_text(f"level,number,move,reason\nitem,{item.order.number}.1,refuse,sold_out\n")
    code, printed, _ = run("operator", "order", "import", str(moves), "--moves")
    assert (code, printed.splitlines()[-1]) == (0, "1 are done, 0 were before, 0 are refused")
    assert run("operator", "order", "import", str(tmp_path / "none.csv"))[0] == 1


def test_parcels_are_listed_shown_and_moved(shop: Stage, run: Run) -> None:
    item = item_in(shop, "received")
    assert run("logist", "parcel", "move", item.order.number, "form")[0] == 0
    parcel = Parcel.objects.get()
    assert parcel.number in run("reseller", "parcel", "list")[1]
    shown = json.loads(run("logist", "parcel", "show", parcel.number, "--json")[1])
    assert shown["contents"] == [{"item": "1", "quantity": 1}]
    code, _, said = run("logist", "parcel", "move", parcel.number, "pack", "--field", "weight_g=heavy")
    assert code == 1
    assert "“" in said or "«" in said
    assert run("operator", "parcel", "list", "--level", "haul")[0] == 1


# --- one reason at every door ---------------------------------------------------------------------------------

ILLEGAL: list[tuple[str, str, str, str, str, dict[str, str]]] = [
    # profile, state of the order, who, move, what the doors say, fields
    ("marketplace", "processing", "seller", "ship", "missing-field", {}),  # S4.14
    ("marketplace", "complete_disputed", "seller", "refund", "missing-field", {}),  # S4.27
    ("marketplace", "paid_unconfirmed", "platform", "process", "guard", {}),
    ("marketplace", "processed", "seller", "process", "wrong-role", {}),  # S4.2
    ("marketplace", "shipped", "seller", "start", "wrong-state", {}),
    ("retail", "packaging", "operator", "ship", "guard", {}),
    ("forwarder", "processing", "operator", "dispatch", "guard", {"domestic_number": "RR123456784CN"}),
    ("forwarder", "at_almaty", "operator", "pack", "wrong-field", {"mode": "rocket"}),
    (
        "forwarder",
        "processing",
        "operator",
        "buy",
        "unknown-field",
        {"external_order_no": "7", "colour": "red"},
    ),
]


@pytest.mark.parametrize(("profile", "state", "role", "move", "kind", "fields"), ILLEGAL)
@pytest.mark.django_db
def test_api_file_and_command_line_say_the_same(
    profile: str,
    state: str,
    role: str,
    move: str,
    kind: str,
    fields: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    client: Any,
) -> None:
    stage = new_stage(profile)
    order = stage.order(seller_id=stage.person("seller").pk)
    stage.put(order, state)
    run = runner(stage, capsys)
    key = _key(stage, role)
    before = written()
    address = f"/api/v1/businesses/{profile}"
    headers = {"authorization": f"Bearer {key}", "accept-language": "ru"}
    asked = client.post(
        f"{address}/orders/{order.number}/moves/{move}",
        {"fields": fields},
        content_type="application/json",
        headers=headers,
    ).json()
    table = "\n".join(
        ",".join(row) for row in (["number", "move", *fields], [order.number, move, *fields.values()])
    )
    filed = client.generic(
        "POST", f"{address}/imports/moves", table.encode(), content_type="text/csv", headers=headers
    ).json()["rows"][0]["problem"]
    supply = [part for name, value in fields.items() for part in ("--field", f"{name}={value}")]
    code, printed, said = run(role, "order", "move", order.number, move, *supply, "--lang", "ru", "--json")
    typed = json.loads(printed)
    assert {one["type"] for one in (asked, filed, typed)} == {f"/api/v1/problems#{kind}"}
    assert {one["title"] for one in (asked, filed, typed)} == {said.removeprefix("sledi: ").rstrip("\n")}
    assert asked.get("guard", "") == filed["guard"] == typed["guard"]
    assert asked.get("listed", []) == filed["listed"] == typed["listed"]
    assert code == 1
    assert written() == before


@pytest.mark.django_db
def test_forming_a_parcel_too_early_lists_the_same_items_at_every_door(
    client: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """S0.27, by the API and the command line; a file does not form parcels."""
    stage = new_stage("buyout")
    order = stage.order(Line("Cup"), Line("Plate"), Line("Kettle"))
    for item, state in zip(
        Item.objects.filter(order=order).order_by("line"), ("received", "ordered", "buying"), strict=True
    ):
        stage.put(item, state)
    run = runner(stage, capsys)
    headers = {"authorization": f"Bearer {_key(stage, 'logist')}", "accept-language": "ru"}
    asked = client.post(
        f"/api/v1/businesses/buyout/parcels/{order.number}/moves/form",
        {},
        content_type="application/json",
        headers=headers,
    ).json()
    typed = json.loads(run("logist", "parcel", "move", order.number, "form", "--lang", "ru", "--json")[1])
    assert asked["listed"] == typed["listed"] == ["2 Plate", "3 Kettle"]
    assert asked["title"] == typed["title"]


def _key(stage: Stage, role: str) -> str:
    from sledi.accounts.operations import create_key, invite
    from sledi.accounts.scopes import SCOPES
    from sledi.history import Actor

    by = Actor("system", name="shell")
    invite(stage.business, stage.person(role).email, role, NOW, by=by, cause="cli")
    person = stage.person(role) if role in ("seller", "buyer", "reseller") else None
    return create_key(stage.business, "tests", role, sorted(SCOPES), NOW, person=person, by=by, cause="cli")[
        1
    ]


# --- a sixth business without any Python ----------------------------------------------------------------------


def test_a_business_that_is_only_a_document_runs_through_every_door(
    db: None, client: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(profiles.FOLDER_SETTING, str(FLOWERS))
    stage = new_stage("flower_shop", slug="flowers")
    run = runner(stage, capsys)
    flowers = ["--item", "name=Rose;quantity=3;unit_price=10", "--item", "name=Lily"]
    code, number, _ = run("buyer", "order", "create", *flowers, "--field", "is_cash_on_delivery=yes")
    number = number.strip()
    headers = {"authorization": f"Bearer {_key(stage, 'operator')}", "accept-language": "en"}
    base = "/api/v1/businesses/flowers"

    def move(path: str, name: str, **fields: str) -> Any:
        return client.post(
            f"{base}/{path}/moves/{name}",
            {"fields": fields},
            content_type="application/json",
            headers=headers,
        ).json()

    assert code == 0
    assert move(f"orders/{number}", "accept_cash")["to"] == "accepted"
    early = move(f"orders/{number}", "arrange")
    assert (early["guard"], early["listed"]) == ("every_flower_decided", ["1 Rose", "2 Lily"])
    said = run("operator", "order", "move", number, "arrange", "--lang", "ru")[2]
    assert (
        said
        == "sledi: О некоторых цветах ещё не решено: 1 Rose, 2 Lily. Сначала решите, войдут ли они в букет.\n"
    )
    assert move(f"items/{number}.1", "put_in")["to"] == "in_bouquet"
    shown = client.get(f"{base}/orders/{number}", headers=headers).json()
    assert [one["words"] for one in shown["progress"]] == ["3 of 4 flowers in the bouquet"]
    assert run("operator", "order", "move", f"{number}.2", "leave_out", "--level", "item")[0] == 0
    assert run("operator", "order", "move", number, "arrange")[0] == 0
    moves = tmp_path / "moves.csv"
    moves.write_text(f"number,move\n{number},hand_over\n")
    assert run("operator", "order", "import", str(moves), "--moves")[0] == 0
    poor = move(f"orders/{number}", "deliver", received_by="Aigerim", cash="29.99")
    assert (poor["type"], poor["guard"]) == ("/api/v1/problems#guard", "cash_collected")
    assert move(f"orders/{number}", "deliver", received_by="Aigerim", cash="30")["to"] == "delivered"
    assert client.get(f"{base}/profile", headers=headers).json()["name"] == "Flower shop"
