"""The shapes of numbers the simulated carriers know, and their check digits.

Sources: UPU S10-12 for the 13-character numbers; the Russian Post's description of its 14-digit barcode.
"""

import re
from dataclasses import dataclass

POST_OF_COUNTRY = {
    "BG": "bulgarian_posts",
    "BY": "belpost",
    "CN": "china_post",
    "KZ": "kazpost",
    "RU": "russian_post",
    "SG": "singapore_post",
    "UA": "ukrposhta",
}

S10_SHAPE = re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}")
RUSSIAN_DOMESTIC_SHAPE = re.compile(r"\d{14}")
UKRAINIAN_DOMESTIC_SHAPE = re.compile(r"0\d{12}")

COURIER_SHAPES = {
    "yuantong": re.compile(r"YT\d{13}"),
    "shunfeng": re.compile(r"SF\d{13}"),
    "zhongtong": re.compile(r"7[3-8]\d{12}"),
    "shentong": re.compile(r"77\d{13}"),
    "jtexpress": re.compile(r"JT\d{13}"),
    "jd": re.compile(r"JD[A-Z0-9]{2}\d{11}"),
    "yunda": re.compile(r"[34]\d{14}"),
    "youzhengguonei": re.compile(r"[159]\d{12}"),
}
"""Chinese couriers by the code Kuaidi100 gives them."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a number says about itself: who issued it, where, and the digits that tell parcels apart."""

    post: str
    country: str
    serial: str


def identify(number: str) -> Identity | None:
    """Who issued ``number``, or nothing when no simulated carrier did (or its check digit is wrong)."""
    if S10_SHAPE.fullmatch(number):
        post = POST_OF_COUNTRY.get(number[11:])
        is_good = post and number[10] == s10_check_digit(number[2:10])
        return Identity(post, number[11:], number[2:10]) if post and is_good else None
    for courier, shape in COURIER_SHAPES.items():
        if shape.fullmatch(number):
            return Identity(courier, "CN", number[-10:])
    if UKRAINIAN_DOMESTIC_SHAPE.fullmatch(number):
        return Identity("ukrposhta", "UA", number)
    if RUSSIAN_DOMESTIC_SHAPE.fullmatch(number) and number[13] == russian_check_digit(number[:13]):
        return Identity("russian_post", "RU", number[:13])
    return None


def s10_check_digit(serial: str) -> str:
    """The ninth digit of an S10 number, from its eight digits (S10-12, clause 5.4)."""
    total = sum(int(digit) * weight for digit, weight in zip(serial, (8, 6, 4, 2, 3, 5, 9, 7), strict=True))
    return {10: "0", 11: "5"}.get(11 - total % 11, str(11 - total % 11))


def russian_check_digit(digits: str) -> str:
    """The last digit of a 14-digit Russian barcode, from the thirteen before it."""
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return str(-(3 * odd + even) % 10)


def neighbour(number: str) -> str:
    """Another good number of the same shape: the one a carrier might answer about by mistake."""
    if S10_SHAPE.fullmatch(number):
        serial = _next(number[2:10])
        return f"{number[:2]}{serial}{s10_check_digit(serial)}{number[11:]}"
    if number[:1] not in "7" and RUSSIAN_DOMESTIC_SHAPE.fullmatch(number):
        body = _next(number[:13])
        return body + russian_check_digit(body)
    return number[:-5] + _next(number[-5:]) if number[-5:].isdigit() else number


def _next(digits: str) -> str:
    return f"{(int(digits) + 10) % 10 ** len(digits):0{len(digits)}d}"
