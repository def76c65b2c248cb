"""``sledi config check`` knows the accounts at payment providers, whatever they are called."""

import pytest

from sledi.cli import main


def test_config_check_names_half_an_account_and_keeps_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLEDI_PAYMENT_KASSA_URL", "https://pay.example")
    monkeypatch.setenv("SLEDI_PAYMENT_KASSA_KEY", "hush")
    assert main(["config", "check"]) == 1
    said = capsys.readouterr().out
    assert "SLEDI_PAYMENT_KASSA_URL = https://pay.example  (environment)\n" in said
    assert "SLEDI_PAYMENT_KASSA_SECRET = (empty)  (default)  WRONG: is missing\n" in said
    assert "hush" not in said
    monkeypatch.setenv("SLEDI_PAYMENT_KASSA_SECRET", "hush")
    main(["config", "check"])
    assert "SLEDI_PAYMENT_KASSA_SECRET = (kept secret)  (environment)\n" in capsys.readouterr().out
