"""What the answer of ``detect`` may and must say."""

import json

import pytest

from sledi.core.numbers import (
    FORMATS,
    SENTENCES,
    Check,
    ErrorReason,
    Hints,
    detect,
    family,
    grouped,
    likely_meant,
)


def shown(detection):
    return [
        (candidate.carrier, candidate.check.value, candidate.confirmed) for candidate in detection.candidates
    ]


def errors(detection):
    return [(error.reason.value, error.expected) for error in detection.errors]


def test_the_json_has_the_published_fields_and_no_others():
    answer = detect(" lp 123 456 785 kz ", Hints(destination="RU")).to_dict()
    assert answer == {
        "raw": " lp 123 456 785 kz ",
        "normalized": "LP123456785KZ",
        "candidates": [
            {
                "carrier": "kazpost",
                "format": "upu_s10",
                "confidence": 0.96,
                "check": "passed",
                "confirmed": True,
                "reason": "check digit passes, country KZ",
            },
            {
                "carrier": "ems_kazpost",
                "format": "upu_s10",
                "confidence": 0.48,
                "check": "passed",
                "confirmed": False,
                "reason": "check digit passes, country KZ",
            },
            {
                "carrier": "russian_post",
                "format": "upu_s10",
                "confidence": 0.48,
                "check": "passed",
                "confirmed": False,
                "reason": "destination RU",
            },
        ],
        "errors": [],
        "repairs": [],
        "question": None,
    }
    assert json.loads(json.dumps(answer)) == answer


def test_the_json_of_a_number_with_a_slip_tells_it():
    answer = detect("RR1234567B5CN").to_dict()
    assert answer["normalized"] == "RR123456785CN"
    assert answer["repairs"] == ["B read as 8 at position 10"]
    answer = detect("RR123456786CN").to_dict()
    assert answer["errors"] == [{"reason": "check_digit", "expected": "5"}]


@pytest.mark.parametrize(
    ("number", "carrier", "format_id"),
    [
        ("LP00123456789012", "cainiao", "cainiao"),
        ("YT1234567890123456", "yunexpress", "yunexpress"),
        ("BY123456789012", "evropochta", "evropochta"),
        ("4PX1234567890123CN", "4px", "4px"),
        ("TBA502887274000", "amazon", "amazon"),
        ("1Z5R89390357567127", "ups", "ups_1z"),
        ("9405803699300124287899", "usps", "usps_impb"),
        ("00340434700123456783", "dhl_parcel", "dhl_parcel_20"),
        ("10944022440321", "russian_post", "russian_post_14"),
        ("80082240994512", "russian_post", "russian_post_14"),
        ("RR123456785CN", "china_post", "upu_s10"),
    ],
)
def test_a_unique_prefix_or_a_passing_digit_confirms(number, carrier, format_id):
    best = detect(number).candidates[0]
    assert (best.carrier, best.format, best.confirmed) == (carrier, format_id, True)


@pytest.mark.parametrize(
    "number",
    [
        "1106321645",  # leading digit
        "1207119765021",  # leading digits
        "773277027280336",  # leading digits and a digit that may pass by chance
        "300527476792",  # length
        "61900417326",  # length
        "8487135506",  # modulo 7 passes once in seven
        "0073938000549297",  # sixteen digits with a passing digit
        "JT5261988016578",  # two carriers share the prefix
        "RP123456789",  # may be an S10 number cut short
    ],
)
def test_length_leading_digits_and_weak_digits_never_confirm(number):
    detection = detect(number)
    assert detection.candidates
    assert not any(candidate.confirmed for candidate in detection.candidates)


@pytest.mark.parametrize(
    ("number", "carrier", "expected"),
    [
        ("RR123456786CN", "china_post", "5"),
        ("19003145123457", "russian_post", "8"),
        ("1Z12345E0205271688", "ups", "6"),
        ("9400111206213400000000", "usps", "4"),
        ("00340434700123456780", "dhl_parcel", "3"),
        ("008182709980000020033350276A", "dpd", "C"),
        ("2345678900", "dhl_express", str(234567890 % 7)),
    ],
)
def test_a_wrong_digit_keeps_the_carrier_and_tells_the_right_one(number, carrier, expected):
    detection = detect(number)
    assert (detection.carrier, detection.confirmed) == (carrier, False)
    assert detection.candidates[0].check is Check.FAILED
    assert errors(detection) == [("check_digit", expected)]
    assert detection.normalized == number


def test_a_digit_that_fails_for_one_carrier_is_no_error_of_anothers_number():
    detection = detect("20450000000024")
    assert shown(detection)[:2] == [("nova_poshta", "none", False), ("russian_post", "failed", False)]
    assert errors(detection) == []


def test_a_passing_digit_does_not_confirm_against_anothers_leading_digits():
    number = FORMATS["russian_post_14"].complete("20450000000000")
    assert shown(detect(number))[:2] == [("russian_post", "passed", False), ("nova_poshta", "none", False)]
    assert detect(number).question is not None


@pytest.mark.parametrize(
    ("text", "reason", "expected", "carrier"),
    [
        ("RR12345678CN", "length", "13", "china_post"),
        ("RR1234567855CN", "length", "13", "china_post"),
        ("RR123456785", "length", "13", ""),
        ("1Z5R8939035756712", "length", "18", "ups"),
        ("YT12345678901234", "length", "15 or 18", "yto"),
        ("LP0012345678", "length", "14-17", "cainiao"),
        ("1Z5R8939035756712X", "structure", None, "ups"),
        ("RR12A456785CN", "alphabet", None, "china_post"),
        ("RR12345678XCN", "alphabet", "5", "china_post"),
        ("RR12345678ЖCN", "alphabet", None, ""),
        ("RR123456785QQ", "country", None, ""),
        ("123", "structure", None, ""),
        ("hello", "structure", None, ""),
        ("", "structure", None, ""),
    ],
)
def test_each_kind_of_slip_has_its_reason_and_keeps_who_comes_near(text, reason, expected, carrier):
    detection = detect(text)
    assert errors(detection) == [(ErrorReason(reason), expected)]
    assert detection.carrier == carrier
    assert not detection.confirmed


@pytest.mark.parametrize(
    ("number", "carriers"),
    [
        ("1106321645", None),
        ("12345678901234", {"russian_post", "nova_poshta"}),
        ("JD0002254405060992", {"yodel", "dhl_parcel"}),
        ("77011234567", {"speedy", "gls"}),
        ("RR123456786CN", None),
        ("RR123456785CN", None),
    ],
)
def test_there_is_at_most_one_question_and_only_when_carriers_are_close(number, carriers):
    question = detect(number).question
    if carriers is None:
        assert question is None
    else:
        assert question.remark.key == "which_carrier"
        assert carriers <= {option.carrier for option in question.options}
        assert {option.number for option in question.options} == {number}


def test_every_sentence_has_words_and_takes_its_parameters():
    texts = [
        "RR123456785CN",
        "RR123456785РУ",
        "RR1234567B5CN",
        "RX123456785DE001",
        "RR123456785AN",
        "YT12345678901234",
    ]
    texts += [
        "LP00123456789012",
        "UJ123456785YP",
        "1106321645",
        "61900417326",
        "КК123456785СТ",
        "EE123456785CN",
        "RR123456785CN LX004921336CN",
    ]
    hints = Hints("CN", "RU", ("cdek",), "econt", {"10D": "deppon"})
    said = set()
    for text in texts:
        for known in (Hints(), hints):
            detection = detect(text, known)
            remarks = [reason for candidate in detection.candidates for reason in candidate.reasons]
            remarks += detection.repairs
            remarks += [detection.question.remark] if detection.question else []
            assert all(remark.words and "{" not in remark.words for remark in remarks)
            said |= {remark.key for remark in remarks}
    assert said == set(SENTENCES)


def test_grouping_is_for_comparing_with_the_label():
    assert grouped("RR123456785CN") == "RR 123 456 785 CN"
    assert grouped("19003145123458") == "190031 45 12345 8"
    assert grouped("1Z5R89390357567127") == "1Z 5R8 939 03 5756 7127"
    assert grouped("LP00123456789012") == "LP 0012 3456 7890 12"
    assert grouped("XYZ12345678") == "XYZ 1234 5678"


def test_swapped_neighbours_are_offered_before_the_expected_digit():
    assert likely_meant("RR437124829CN") == ("RR473124829CN", "RR437124826CN")
    assert likely_meant("RR473124829CN") == ()
    assert likely_meant("hello") == ()


def test_the_family_of_a_number_is_its_coarse_shape():
    assert family("RR123456785CN") == "2L9D2L"
    assert family("1207119765021") == "13D"


def test_the_same_input_gives_the_same_answer():
    texts = ["RR123456785CN", "12345678901234", "RR123456785РУ", "300527476792"]
    assert [detect(text) for text in texts] == [detect(text) for text in texts]
    assert [c.carrier for c in detect("12345678901234").candidates] == [
        "russian_post",
        "nova_poshta",
        "dpd",
        "chronopost",
        "orlen",
        "dhl_ecommerce",
    ]


def test_confidence_is_ranked_and_between_nothing_and_certain():
    for number in ("RR123456785CN", "12345678901234", "300527476792", "773277027280336", "1207119765021"):
        confidences = [
            candidate.confidence for candidate in detect(number, Hints("CN", "RU", ("cdek",))).candidates
        ]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 < confidence < 1 for confidence in confidences)


def test_dhl_ecommerce_is_never_first_while_anything_else_fits():
    for number in (
        "LX123456785CN",
        "CN123456789012",
        "12345678901234",
        "123456789012345675",
        "RX123456785DE",
    ):
        carriers = [candidate.carrier for candidate in detect(number).candidates]
        assert carriers[0] != "dhl_ecommerce"
    assert detect("GM2951173225174494").carrier == "dhl_ecommerce"
    assert not detect("GM2951173225174494").confirmed
