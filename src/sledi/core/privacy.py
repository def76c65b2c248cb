"""People out of carriers' replies: names, telephones and addresses leave before anything is kept or read.

A carrier's ``mask`` is written with these. They work on the bytes, so that half a body is masked like a whole one,
and a body masked twice is masked once.

    private_fields()     JSON fields that hold people, by their names
    without_people()     a body with those fields emptied, and people cut out of the texts among them
    telephones()         telephones of one country, wherever they stand in a body
    clean_text()         one text without the names, telephones and e-mail addresses that can be told from it
"""

import json
import re

_NOTHING = "(?!)"
# Strings and objects may be cut off by the end of the body. An object may hold objects, and these no more.
_STRING = rb'"(?:[^"\\]++|\\.)*+"?'
_OBJECT = rb'\{(?:[^{}"]|%b|\{(?:[^{}"]|%b)*+\}?)*+\}?' % (_STRING, _STRING)
_SCALAR = rb"[\w.+-]++"


def private_fields(
    emptied: str = _NOTHING, *, texts: str = _NOTHING, people: str = _NOTHING
) -> re.Pattern[bytes]:
    """The JSON fields that hold people, as patterns of their names, for ``without_people``.

    ``emptied`` lose their value; ``texts`` go through ``clean_text``; of ``people``, who may be whole objects,
    the country stays. An object or list in a field of another sort is left: its own fields are looked at.
    """
    name = rf"(?:(?P<text>{texts})|(?P<person>{people})|{emptied})".encode()
    value = rb"%b|(?(person)%b|(?!))|%b" % (_STRING, _OBJECT, _SCALAR)
    return re.compile(rb'(?s)(?P<key>"%b"\s*:\s*)(?P<value>%b)' % (name, value))


def without_people(body: bytes, fields: re.Pattern[bytes]) -> bytes:
    """The body with private fields emptied and the texts among them cleaned; all else byte for byte as it was."""
    return fields.sub(_masked, body)


def _masked(field: re.Match[bytes]) -> bytes:
    key, value = field["key"], field["value"]
    if field["text"] is not None:
        return key + _cleaned(value)
    return key + (_country_of(value) if value.startswith(b"{") else b'""')


def _cleaned(value: bytes) -> bytes:
    try:
        text = json.loads(value.decode())
    except ValueError:  # half a string: who knows what it names
        return b'"***"'
    clean = clean_text(text) if isinstance(text, str) else text
    return value if clean == text else json.dumps(clean).encode()


_COUNTRY = re.compile(rb'"country"\s*:\s*"[A-Za-z]{2}"')


def _country_of(person: bytes) -> bytes:
    country = _COUNTRY.search(person)
    return b"{" + (country.group() if country else b"") + (b"}" if person.endswith(b"}") else b"")


def telephones(national: str) -> re.Pattern[bytes]:
    """Numbers written as ``national``, a pattern with the country's prefixes, that are no part of a longer one.

    For ``.sub(b"***", body)`` over all of a body, so ``national`` must be too strict for a tracking number.
    """
    return re.compile(rf"(?<![\w.+*-])(?:{national})(?!\d)".encode())


def clean_text(text: str) -> str:
    """A carrier's words without people.

    >>> clean_text("派件员:张三,电话13800138000"), clean_text("Delivered, signed by: BORIS. Thank you")
    ('派件员:***,电话***', 'Delivered, signed by ***. Thank you')
    """
    for pattern, replacement in _PEOPLE:
        text = pattern.sub(replacement, text)
    return text


# International, Chinese mobile (also starred by the carrier), Chinese fixed line, any ten to twelve digits.
_TELEPHONE = (
    r"(?<![0-9A-Za-z+*])"
    r"(?:\+\d[\d ()-]{7,16}\d|1[3-9]\d[ -]?\d{4}[ -]?\d{4}|1[3-9]\d\*++\d{2,4}|0\d{2,3}-\d{7,8}|\d{10,12})(?!\d)"
)
_PEOPLE = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # Two to four Chinese characters before a telephone are a name, unless they end like a verb of delivery.
        (
            r"[\u4e00-\u9fff*]{2,4}(?<![件递送收投])"
            rf"(?=[,，、\s(（【\[]{{1,3}}(?:联系)?(?:电话|手机号?|号码)?[:：]?\s*{_TELEPHONE})",
            "***",
        ),
        (_TELEPHONE, "***"),
        (r"(?<![\w.+-])[\w.+-]++@[\w-]++\.[\w.]++", "***"),  # e-mail
        # Whoever a courier or the one who signed is said to be.
        (
            r"((?:派件|派送|快递|配送|投递|业务|揽收|揽投|收件)员|[联收寄签代][系件货收]人)(\s*[:：是为【\[(（]\s*|\s+)"
            r"[^\s,，。;；、()（）【】\[\]:：]+",
            r"\1\2***",
        ),
        (r"(?i)(\bsigned (?:for )?by)\s*:?\s+[^,.;:()\[\]]+", r"\1 ***"),
        (
            r"(?i)(получатель|адресат|курьер|отримувач|одержувач|recipient|courier)\s*:\s*[^,.;:()\[\]]+",
            r"\1: ***",
        ),
    )
)
