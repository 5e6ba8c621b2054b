import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from praca.identity import passwords


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id at its least cost: the real one is most of what an account costs a test.

    The real one is tested in ``tests/unit/identity`` and by the processes of ``tests/e2e``.
    """
    cheap = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "Argon2Hasher", lambda **_costs: cheap)
