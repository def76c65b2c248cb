"""The short address of one's own orders and parcels."""

import pytest
from django.test import Client, override_settings

from sledi.accounts.operations import invite
from sledi.history import Actor
from sledi.orders.tests.doors import signed_in
from sledi.orders.tests.stage import NOW, Stage, new_stage


def test_without_signing_in_it_leads_to_the_door(db: None) -> None:
    answer = Client().get("/my/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/my/")


def test_who_is_in_one_business_gets_there(stage: Stage) -> None:
    answer = signed_in(stage, "reseller").get("/my/")
    assert (answer.status_code, answer["Location"]) == (302, "/buyout/my/")


@pytest.mark.parametrize(("host", "location"), [("marketu.example", "/forwarder/my/"), ("testserver", "")])
def test_of_several_the_host_decides_else_the_person(stage: Stage, host: str, location: str) -> None:
    client = signed_in(stage, "reseller")
    other = new_stage("forwarder")
    other.business.host = "marketu.example"
    other.business.save(update_fields=["host"])
    invite(other.business, stage.person("reseller").email, "buyer", NOW, by=Actor("system"), cause="cli")
    with override_settings(ALLOWED_HOSTS=["marketu.example", "testserver"]):
        answer = client.get("/my/", headers={"host": host})
    assert answer.headers.get("Location", "") == location
    if not location:
        assert 'href="/buyout/my/"' in answer.content.decode()
        assert 'href="/forwarder/my/"' in answer.content.decode()
