import pytest

from sledi.web.places import DATA, _cities, find_on_lanes, find_place, spelling


@pytest.mark.parametrize(
    ("text", "country", "name"),
    [
        ("广州", "CN", "Guangzhou"),
        ("广东省广州市", "CN", "Guangzhou"),
        ("【广州国际邮件处理中心】", "CN", "Guangzhou"),
        ("Guangzhou", "CN", "Guangzhou"),
        ("GUANGZHOU EMS", "CN", "Guangzhou"),
        ("Гуанчжоу", "CN", "Guangzhou"),
        ("深圳市宝安区", "CN", "Shenzhen"),
        ("乌鲁木齐", "CN", "Ürümqi"),
        ("霍尔果斯", "CN", "Khorgos"),
        ("200415 Минск Общий", "BY", "Minsk"),
        ("г. Алматы", "KZ", "Almaty"),
        ("Алматы-5", "KZ", "Almaty"),
        ("Қарағанды", "KZ", "Karagandy"),
        ("КИЇВ 1", "UA", "Kyiv"),
        ("Киев", "UA", "Kyiv"),
        ("MOSCOW PCI", "RU", "Moscow"),
        ("102975 Москва-Международный почтамт", "RU", "Moscow"),
        ("Нижний Новгород ЛПЦ", "RU", "Nizhniy Novgorod"),
        ("SANKT-PETERBURG MMPO", "RU", "Saint Petersburg"),
        ("Шарапово", "RU", "Sharapovo"),
        ("София", "BG", "Sofia"),
        ("Singapore", "SG", "Singapore"),
        ("Новосибирский МСЦ", "RU", "Novosibirsk"),
        ("Санкт-Петербургский ЛПЦ", "RU", "Saint Petersburg"),
        ("Пермский почтамт", "RU", "Perm"),
        ("Липецкий МСЦ", "RU", "Lipetsk"),
        ("Толмачево АОПП", "RU", "Tolmachevo"),
        ("Кольцово АОПП", "RU", "Koltsovo"),
        ("WER Warszawa", "PL", "Warsaw"),
    ],
)
def test_carriers_spellings_find_the_city(text, country, name):
    assert find_place(text, country).name == name


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("", "CN"),
        ("Guangzhou", ""),
        ("Guangzhou", "ZZ"),
        ("Springfield", "US"),
        ("цех 1", "RU"),
        ("В пути", "RU"),
        ("国际互换局", "CN"),
        ("\u202e<script>", "RU"),
        ("12345 67", "RU"),
    ],
)
def test_what_is_not_sure_is_no_place(text, country):
    assert find_place(text, country) is None


def test_the_moscow_sorting_centre_is_not_the_town_of_that_name():
    centre = find_place("140980, Московский АСЦ Цех Логистики", "RU")
    assert (centre.name, centre.called("ru"), centre.called("en")) == ("Podolsk", "Подольск", "Podolsk")
    assert find_place("Московский", "RU").name == "Moskovskiy"


@pytest.mark.parametrize(
    ("text", "country"), [("WARSZAWA", "PL"), ("MOSCOW", "RU"), ("广州市", "CN"), ("BREST", "BY")]
)
def test_a_city_on_our_lanes_is_known_without_its_country(text, country):
    assert find_on_lanes(text).country == country


@pytest.mark.parametrize("text", ["", "KHORGOS", "In transit", "Springfield", "цех 1"])
def test_a_name_of_two_countries_or_of_none_is_not_guessed(text):
    assert find_on_lanes(text) is None


@pytest.mark.parametrize(
    ("text", "country", "said"),
    [
        ("140000 Люберцы ММПО 5", "RU", "Люберцы"),
        ("Красногорский МСЦ", "RU", "Красногорск"),
        ("КИЇВ 1", "UA", "Київ"),
        ("цех 1", "RU", ""),
    ],
)
def test_a_city_can_be_shown_in_the_carriers_spelling_without_codes(text, country, said):
    assert spelling(text, country) == said


def test_a_place_is_called_as_its_reader_says_it():
    moscow = find_place("Moscow", "RU")
    assert [moscow.called(language) for language in ("ru", "bg", "kk", "uk", "en")] == [
        "Москва",
        "Москва",
        "Мәскеу",
        "Москва",
        "Moscow",
    ]


def test_every_native_name_belongs_to_a_city_of_the_table():
    lines = (DATA / "names.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert {len(row) for row in rows} == {6}
    for country, name, *_ in rows:
        assert name in {place.name for place in _cities(country).values()}, (country, name)


def test_places_lie_on_the_globe():
    for country in ("CN", "RU", "KZ", "UA", "BY", "BG", "SG"):
        for place in _cities(country).values():
            assert -90 <= place.latitude <= 90
            assert -180 <= place.longitude <= 180
