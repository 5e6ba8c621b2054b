"""``praca knowledge`` as somebody types it."""

import json
from pathlib import Path

from tests.e2e.running import praca

from praca.helpdesk.knowledge import sample_articles
from praca.helpdesk.knowledge.sample import write_sample


def test_articles_go_in_and_out(city_dsn: str, tmp_path: Path) -> None:
    settings = {"PRACA_DATABASE_URL": city_dsn, "PRACA_DATA_DIR": str(tmp_path / "var")}
    first = praca("knowledge", "import", "--sample", **settings)
    assert first.returncode == 0, first.stderr
    count = len(sample_articles())
    assert json.loads(first.stdout) == {
        "new": count,
        "changed": 0,
        "unchanged": 0,
        "refused": 0,
        "errors": [],
    }
    file = tmp_path / "artigos.jsonl"
    exported = praca("knowledge", "export", str(file), **settings)
    assert exported.stdout == f"{count} artigos em {file}.\n"
    assert file.read_bytes() == b"".join(write_sample())
    with file.open("ab") as more:
        more.write(b'{"key": "nova", "title": "Nova"}\nquebrada\n')
    again = praca("knowledge", "import", str(file), **settings)
    report = json.loads(again.stdout)
    assert (report["new"], report["unchanged"], report["refused"]) == (1, count, 1)
    assert report["errors"][0]["line"] == count + 2
    # No copy stays behind, and half a file neither.
    assert [path for path in (tmp_path / "var/objects").rglob("*.jsonl") if path.is_file()] == []
    assert {path.name for path in tmp_path.iterdir()} == {"var", "artigos.jsonl"}


def test_what_cannot_be_is_told(city_dsn: str, tmp_path: Path) -> None:
    settings = {"PRACA_DATABASE_URL": city_dsn, "PRACA_DATA_DIR": str(tmp_path)}
    for arguments, code, told in (
        (("import",), 1, "informe um arquivo ou --sample"),
        (("import", str(tmp_path / "nenhum")), 2, "nenhum"),
        (("export", str(tmp_path / "nenhuma" / "pasta.jsonl")), 1, "não é possível gravar em"),
    ):
        refused = praca("knowledge", *arguments, **settings)
        assert refused.returncode == code
        assert told in refused.stderr
        assert "Traceback" not in refused.stderr
