import pkgutil

import pytest

from sledi import carriers
from sledi.carriers import UnknownCarrier, all_carriers, carrier, has_adapter, russian_post
from sledi.core.carrier import Call

# "state" (only the newest scan) is for a person asking by hand; the poller never makes such a call.
ROLES = {"history", "ticket", "register", "collect", "push", "state"}
MODULES = all_carriers()


def test_a_carrier_is_found_by_its_slug():
    assert carrier("russian_post") is russian_post
    assert has_adapter("russian_post")


@pytest.mark.parametrize(
    "slug", ["china_post", "tests", "directory", "", "russian_post_operations", "os", "../os"]
)
def test_what_is_no_module_of_a_carrier_is_unknown(slug):
    assert not has_adapter(slug)
    with pytest.raises(UnknownCarrier):
        carrier(slug)


def test_all_modules_of_the_package_are_carriers():
    modules = {module.name for module in pkgutil.iter_modules(carriers.__path__)}
    assert [module.SLUG for module in MODULES] == sorted(modules)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.SLUG)
def test_a_carrier_module_offers_what_the_port_asks_for(module):
    assert module.__name__ == f"sledi.carriers.{module.SLUG}"
    assert all(callable(getattr(module, offer)) for offer in ("ask", "mask", "read"))
    assert module.CALLS
    assert all(isinstance(call, Call) and call.role in ROLES for call in module.CALLS)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.SLUG)
def test_the_kinds_of_call_of_a_carrier_hang_together(module):
    kinds = [call.kind for call in module.CALLS]
    assert len(set(kinds)) == len(kinds)
    assert all(call.after in {"", *kinds} for call in module.CALLS)
    if any(call.role == "push" for call in module.CALLS):
        assert callable(module.verify)
        assert isinstance(module.ACKNOWLEDGEMENT, bytes)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.SLUG)
def test_each_carrier_that_can_be_asked_is_in_the_directory(module):
    assert module.SLUG in carriers.directory()
