"""What ``praca dashboard`` needs beside the package itself, and where it finds the API."""

from importlib import metadata

import pytest
import typer

from praca.entrypoints.cli.dashboard import _address, _require_extra


@pytest.mark.parametrize("absent", ["streamlit", "altair"])
def test_without_the_extra_it_is_said_what_to_install(
    absent: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed = metadata.distribution

    def found(wanted: str) -> metadata.Distribution:
        if wanted == absent:
            raise metadata.PackageNotFoundError(wanted)
        return installed(wanted)

    monkeypatch.setattr(metadata, "distribution", found)
    with pytest.raises(typer.Exit) as ended:
        _require_extra()
    assert ended.value.exit_code == 1
    said = capsys.readouterr().err
    assert f"falta o pacote {absent}" in said
    assert "pip install 'praca[dashboard]'" in said


def test_with_it_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    _require_extra()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104  # compared, not bound
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("cidade.example", "http://cidade.example:8000"),
    ],
)
def test_a_wildcard_is_no_address_to_call(host: str, address: str) -> None:
    assert _address(host, 8000) == address
