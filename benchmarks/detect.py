"""How many numbers one process recognises in a second, and how long the slow ones take.

The corpus is what an installation for parcels from China sees: mostly clean UPU numbers, domestic numbers of
posts and couriers, and a share of mess (spaces, small letters, look-alikes, typing errors, links, words).

    python benchmarks/detect.py            prints JSON
"""

import json
import platform
import random
import statistics
import string
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from sledi.core.numbers import FORMATS, detect

SEED = 20261121
NUMBERS = 20_000
PASSES = 5
BUDGET_PER_SECOND = 100_000
BUDGET_P99_US = 100.0

_COUNTRIES = ("CN", "CN", "CN", "HK", "SG", "RU", "UA", "BY", "KZ", "BG", "DE", "TR", "EE", "MY")
_CYRILLIC = str.maketrans("ABEKMHOPCTYX", "АВЕКМНОРСТУХ")


def run(seed: int = SEED) -> dict[str, Any]:
    """Measure; the figures of the median pass."""
    corpus = list(_corpus(random.Random(seed), NUMBERS))
    for text in corpus[:2_000]:
        detect(text)
    passes = sorted((_one_pass(corpus) for _ in range(PASSES)), key=lambda figures: figures["per_second"])
    figures = passes[PASSES // 2]
    return {
        "name": "detect",
        "seed": seed,
        "numbers": len(corpus),
        "passes": PASSES,
        **figures,
        "budget": {"per_second": BUDGET_PER_SECOND, "p99_us": BUDGET_P99_US},
        "within_budget": figures["per_second"] >= BUDGET_PER_SECOND and figures["p99_us"] < BUDGET_P99_US,
        "python": platform.python_version(),
    }


def _one_pass(corpus: list[str]) -> dict[str, float]:
    """Throughput without looking at the clock in between, then the single calls with it."""
    started = time.perf_counter()
    for text in corpus:
        detect(text)
    seconds = time.perf_counter() - started
    percentiles = statistics.quantiles(map(_nanoseconds, corpus), n=1000)
    return {
        "per_second": round(len(corpus) / seconds),
        "p50_us": round(percentiles[499] / 1000, 1),
        "p99_us": round(percentiles[989] / 1000, 1),
        "p999_us": round(percentiles[998] / 1000, 1),
    }


def _nanoseconds(text: str) -> int:
    started = time.perf_counter_ns()
    detect(text)
    return time.perf_counter_ns() - started


def _corpus(rnd: random.Random, size: int) -> Iterator[str]:
    kinds, weights = zip(*_KINDS, strict=True)
    for kind in rnd.choices(kinds, weights, k=size):
        yield kind(rnd)


def _digits(rnd: random.Random, count: int) -> str:
    return "".join(rnd.choices(string.digits, k=count))


def _s10(rnd: random.Random) -> str:
    indicator = rnd.choice("RRRLLCEUV") + rnd.choice(string.ascii_uppercase)
    return FORMATS["upu_s10"].complete(indicator + _digits(rnd, 9) + rnd.choice(_COUNTRIES))


def _completed(format_id: str, prefix: str, digits: int) -> Callable[[random.Random], str]:
    return lambda rnd: FORMATS[format_id].complete(prefix + _digits(rnd, digits))


def _plain(prefix: str, digits: int) -> Callable[[random.Random], str]:
    return lambda rnd: prefix + _digits(rnd, digits)


def _grouped(rnd: random.Random) -> str:
    return f" {FORMATS['upu_s10'].format(_s10(rnd)).lower()}\n"


def _look_alikes(rnd: random.Random) -> str:
    return _s10(rnd).translate(_CYRILLIC)


def _wrong_digit(rnd: random.Random) -> str:
    number = _s10(rnd)
    return f"{number[:10]}{(int(number[10]) + rnd.randint(1, 9)) % 10}{number[11:]}"


def _misread(rnd: random.Random) -> str:
    return _s10(rnd).replace("0", "O", 1)


def _link(rnd: random.Random) -> str:
    return f"https://t.example.net/track?nums={_s10(rnd)}&lang=ru"


def _word(rnd: random.Random) -> str:
    return "".join(rnd.choices(string.ascii_letters, k=rnd.randint(3, 12)))


_KINDS: tuple[tuple[Callable[[random.Random], str], int], ...] = (
    (_s10, 400),
    (_completed("russian_post_14", "1", 13), 70),
    (_plain("2045", 10), 30),
    (_plain("05001", 8), 30),
    (_plain("12", 11), 30),
    (_plain("1", 9), 50),
    (_plain("", 10), 20),
    (_plain("", 11), 20),
    (_plain("", 12), 30),
    (_plain("7", 14), 20),
    (_plain("LP", 14), 60),
    (_plain("YT", 13), 20),
    (_plain("YT", 16), 20),
    (_plain("SF", 13), 20),
    (_plain("JT", 13), 20),
    (_completed("ups_1z", "1Z", 16), 15),
    (_completed("usps_impb", "94", 20), 15),
    (_completed("dhl_parcel_20", "00340434", 12), 10),
    (_grouped, 40),
    (_look_alikes, 20),
    (_wrong_digit, 30),
    (_misread, 10),
    (_link, 5),
    (_word, 15),
)


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=2)
    print()
