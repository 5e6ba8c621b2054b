"""What ``praca mlflow`` needs beside the package itself."""

from importlib import metadata

import pytest
import typer

from praca.entrypoints.cli.tracking import _require_pages
from praca.platform.settings import Settings


def _hide(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = metadata.distribution

    def found(wanted: str) -> metadata.Distribution:
        if wanted == name:
            raise metadata.PackageNotFoundError(wanted)
        return installed(wanted)

    monkeypatch.setattr(metadata, "distribution", found)


@pytest.mark.parametrize(
    ("absent", "files"), [("mlflow", "./files"), ("boto3", "s3://bucket/city")]
)
def test_without_the_extra_it_is_said_what_to_install(
    absent: str, files: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _hide(absent, monkeypatch)
    monkeypatch.setenv("PRACA_OBJECTS_URL", files)
    with pytest.raises(typer.Exit) as ended:
        _require_pages(Settings.load())
    assert ended.value.exit_code == 1
    said = capsys.readouterr().err
    assert f"falta o pacote {absent}" in said
    assert "pip install 'praca[mlflow]'" in said


def test_files_in_a_folder_need_no_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    _hide("boto3", monkeypatch)
    monkeypatch.setenv("PRACA_OBJECTS_URL", "./files")
    _require_pages(Settings.load())
