"""Which settings of other providers start, and what is said of those that do not."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from praca.platform.settings import Settings, SettingsError

_GOOD = {
    "name": "gov-br",
    "issuer": "https://sso.example.gov.br/",
    "client_id": "praca",
    "client_secret": "segredo-do-provedor",
}


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"PRACA_{name.upper()}", value)
    return Settings.load()


def test_all_is_off_by_default() -> None:
    social = Settings.load().social
    assert social.google_client_id is social.meta_client_id is None
    assert social.oidc_providers == ()
    assert social.google_issuer == "https://accounts.google.com"


def test_further_providers_are_a_json_list(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {**_GOOD, "name": "b", "issuer": "http://localhost:9400", "scope": "openid email"}
    social = load(monkeypatch, oidc_providers=json.dumps([_GOOD, other])).social
    first, second = social.oidc_providers
    assert (first.name, first.issuer) == ("gov-br", "https://sso.example.gov.br/")
    assert (first.scope, second.scope) == ("openid email profile", "openid email")
    assert first.client_secret.get_secret_value() == "segredo-do-provedor"
    assert "segredo-do-provedor" not in repr(social)


def test_the_example_of_the_documents_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Path(__file__).parents[3] / "docs/howto/social-sign-in.md"
    (example,) = re.findall(r"^`(\[\{.+\}\])`$", page.read_text(encoding="utf-8"), re.MULTILINE)
    (provider,) = load(monkeypatch, oidc_providers=example).social.oidc_providers
    assert provider.name == "universidade"


def test_no_text_is_no_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, oidc_providers=" ").social.oidc_providers == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "Gov BR"}, "provider 1, name: a name takes small letters"),
        ({"name": "google"}, "google has settings of its own"),
        ({"issuer": "http://sso.example.gov.br"}, "provider 1, issuer: an address like https://"),
        ({"issuer": "https://user@sso.example.gov.br"}, "provider 1, issuer"),
        ({"issuer": "sso.example.gov.br"}, "provider 1, issuer"),
        ({"scope": "email"}, "the scope must contain openid"),
        ({"client_secret": ""}, "provider 1, client_secret"),
        ({"client_id": None}, "provider 1, client_id"),
        ({"secret": "segredo-do-provedor"}, "provider 1, secret"),
    ],
)
def test_a_provider_that_does_not_fit_is_told_by_its_place(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str | None], told: str
) -> None:
    with pytest.raises(SettingsError, match="PRACA_OIDC_PROVIDERS") as caught:
        load(monkeypatch, oidc_providers=json.dumps([_GOOD | change]))
    assert told in str(caught.value)
    assert "segredo-do-provedor" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ['{"name": "a"}', "[1]", '[{"client_secret": "segredo-do-provedor"', "google", "[" * 99_999],
)
def test_text_that_is_no_list_is_refused_without_quoting_it(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    with pytest.raises(SettingsError, match="PRACA_OIDC_PROVIDERS") as caught:
        load(monkeypatch, oidc_providers=text)
    assert "segredo-do-provedor" not in str(caught.value)


def test_a_name_belongs_to_one_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"PRACA_OIDC_PROVIDERS: .*same name"):
        load(monkeypatch, oidc_providers=json.dumps([_GOOD, _GOOD]))


@pytest.mark.parametrize("provider", ["google", "meta"])
@pytest.mark.parametrize("given", ["client_id", "client_secret"])
def test_half_an_application_is_refused(
    monkeypatch: pytest.MonkeyPatch, provider: str, given: str
) -> None:
    variable = f"PRACA_{provider.upper()}_CLIENT_SECRET"
    with pytest.raises(SettingsError, match=rf"{variable}: .*PRACA_{provider.upper()}_CLIENT_ID"):
        load(monkeypatch, **{f"{provider}_{given}": "x"})


@pytest.mark.parametrize("name", ["google_issuer", "meta_dialog_url", "meta_graph_url"])
def test_addresses_are_safe_or_here(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(SettingsError, match=f"PRACA_{name.upper()}"):
        load(monkeypatch, **{name: "http://example.org"})
    load(monkeypatch, **{name: "http://127.0.0.1:9400/v18.0"})


def test_the_application_starts_without_what_speaks_oauth() -> None:
    program = (
        "import sys; import praca.entrypoints.api, praca.entrypoints.kinds;"
        "print(sorted({'authlib', 'joserfc', 'httpx2'} & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
