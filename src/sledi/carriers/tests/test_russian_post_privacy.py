from dataclasses import replace

import pytest
from hypothesis import example as example_case
from hypothesis import given
from hypothesis import strategies as st

from sledi.carriers import russian_post
from sledi.carriers.tests.russian_post_replies import answer, example, history, item, operation, record
from sledi.core.carrier import CarrierError, Reading, Reply

NAMES = ("ИВАНОВ И Н".encode(), "ПЕТРОВ Н И".encode())
KINDS = ("history", "ticket", "answer")


def named(*, sender="<ns3:Sndr>ИВАНОВ И Н</ns3:Sndr>", receiver="<Rcpn xml:lang='ru'>ПЕТРОВ Н И</Rcpn>"):
    reply = history(record("2:1"))
    people = f"<UserParameters>{sender}{receiver}</UserParameters>".encode()
    return replace(reply, body=reply.body.replace(b"</d:historyRecord>", people + b"</d:historyRecord>"))


def outcome(reply):
    try:
        return russian_post.read(reply)
    except CarrierError as error:
        return type(error), str(error)


def test_names_are_gone_and_the_rest_is_as_it_was():
    masked = russian_post.mask(Reply(200, example("published_history_answer.xml"), "history"))
    for name in NAMES:
        assert name not in masked.body
    assert b"<ns3:Sndr></ns3:Sndr>" in masked.body
    assert masked.body.replace(b"<ns3:Sndr></ns3:Sndr>", "<ns3:Sndr>ИВАНОВ И Н</ns3:Sndr>".encode()).replace(
        b"<ns3:Rcpn></ns3:Rcpn>", "<ns3:Rcpn>ПЕТРОВ Н И</ns3:Rcpn>".encode()
    ) == example("published_history_answer.xml")


@pytest.mark.parametrize(
    "reply",
    [
        named(),
        named(sender="<Sndr><![CDATA[ИВАНОВ И Н]]></Sndr>"),
        named(sender="<Sndr>ИВАНОВ И Н<!-- > --></Sndr >"),
        named(sender="<Sndr\n a='1'><name>ИВАНОВ И Н</name></Sndr>"),
        named(sender="<пч:Sndr>ИВАНОВ И Н</пч:Sndr>"),
        named(sender="<Sndr>& ИВАНОВ И Н <</Sndr>"),
        named(sender="<Sndr/><Sndr />", receiver="<Rcpn>ПЕТРОВ Н И"),
        replace(named(), body=named().body.decode().encode("utf-16")),
    ],
)
def test_no_name_survives(reply):
    masked = russian_post.mask(reply).body
    for text in (masked, masked.decode("utf-16", "ignore").encode()):
        assert not any(name in text for name in NAMES)


def test_a_name_with_a_bare_ampersand_does_not_hide_the_history():
    reply = named(receiver="<d:Rcpn>ПЕТРОВ & СЫН</d:Rcpn>", sender="")
    assert russian_post.read(reply).reports[0].events[0].code == "done.delivered"


def test_half_a_body_keeps_no_name():
    body = named().body
    for end in range(len(body)):
        masked = russian_post.mask(Reply(200, body[:end], "history")).body
        assert "ИВАН".encode() not in masked
        assert "ПЕТР".encode() not in masked


def test_nothing_read_repeats_a_name():
    reply = named(sender="<d:Sndr>ИВАНОВ И Н</d:Sndr>")
    assert russian_post.read(reply).reports[0].events[0].code == "done.delivered"
    assert "ИВАНОВ" not in repr(russian_post.read(reply))


PIECES = st.sampled_from(
    [
        b"<Rcpn>",
        b"</Rcpn>",
        b"<d:Sndr a='",
        b"'>",
        b"</d:Sndr >",
        b"<Rcpn/>",
        b"<",
        b">",
        b"/>",
        "ПЕТРОВ Н И".encode(),
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"-->",
        b"<?x ",
        b"?>",
        b"<!DOCTYPE html>",
        b"<html>",
        b"&",
        b"&lol;",
        b"\xff",
        b"\0",
        history(record("1:1"), record("26:1")).body,
        history(record("1:1")).body[:-30],
        answer(item("RA123456788RU", operation("1:1"))).body,
        answer(item("RA123456788RU", operation("1:1"))).body[:200],
        example("composed_fault_authorization.xml"),
        b'<?xml version="1.0" encoding="utf-16"?>',
        b'<?xml version="1.0" encoding="utf-7"?>',
        b'<?xml version="1.0" encoding="shift_jis"?>',
    ]
)
BODIES = st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=8).map(b"".join))
REPLIES = st.builds(
    Reply,
    status=st.sampled_from([200, 200, 200, 204, 301, 400, 401, 404, 429, 500, 503]),
    body=BODIES,
    kind=st.sampled_from(KINDS),
    numbers=st.sampled_from([(), ("RB481503678CN",), ("RA123456788RU", "x")]),
)


@given(REPLIES)
@example_case(Reply(200, b"<Rc<Rcpn>x</Rcpn>pn>y</Rcpn>", "history"))
@example_case(Reply(200, b"<Rcpn a='>'>x</Rcpn>", "history"))
def test_masking_twice_is_masking_once_and_changes_nothing_that_is_read(reply):
    masked = russian_post.mask(reply)
    assert russian_post.mask(masked) == masked
    assert outcome(masked) == outcome(reply)


@given(REPLIES)
@example_case(Reply(200, b"\xfe\xff", "history"))
def test_any_bytes_give_a_reading_or_one_of_the_five_errors(reply):
    assert isinstance(outcome(reply), Reading | tuple)


FIELDS = st.text(max_size=12) | st.sampled_from(
    ["", "0", "8", "٣", "²", "26", "9" * 30, "2026-03-12T18:08:00.000+03:00", "12.03.2026 09:41:00"]
)


@given(st.lists(st.tuples(FIELDS, FIELDS, FIELDS, FIELDS, FIELDS), max_size=3))
def test_any_values_in_the_fields_of_a_history_are_read_or_named(rows):
    def clean(value):
        return "".join(c for c in value if c.isprintable()).replace(":", "")

    records = [
        record(
            f"{clean(kind)}:{clean(attribute)}",
            date,
            index=clean(index),
            mass=clean(mass),
            kind=clean(mass),
            place=clean(index),
        )
        for kind, attribute, date, index, mass in rows
        if all(c.isprintable() for c in date)
    ]
    assert outcome(history(*records)) is not None


@given(
    st.lists(
        st.tuples(
            *(st.sampled_from(["8", "26", "3", "²", ""]),) * 2,
            st.sampled_from(["12.03.2026 09:41:00", "x"]),
            st.sampled_from(["101000", "٣٣٣٣٣٣", ""]),
        )
    )
)
def test_any_values_in_the_fields_of_an_answer_are_read_or_named(rows):
    reply = answer(
        item(
            "RA123456788RU",
            *(operation(f"{kind}:{attribute}", date, index) for kind, attribute, date, index in rows),
        )
    )
    assert outcome(reply) is not None
