"""Passwords: how they are stored (Argon2id) and which are refused."""

import asyncio
import os
import re

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from praca.identity.errors import WeakPasswordError

__all__ = ["SHORTEST_PASSWORD", "Passwords", "check_citizens_password", "check_password"]

SHORTEST_PASSWORD = 8

# The commonest of at least eight characters, here and abroad; compared in lower case.
_COMMONEST = frozenset(
    """
    00000000 01234567 0123456789 11111111 111111111 1111111111 11223344 1122334455 12121212
    12341234 12344321 1234554321 12345678 123456789 1234567890 12345678910 123456789a 12345678a
    123123123 123321123 123abc123 1234abcd 1234qwer 12qwaszx 13131313 147258369 147852369
    1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 22222222 55555555 66666666 741852963 77777777
    789456123 87654321 88888888 963852741 987654321 9876543210 99999999 a1234567 a12345678
    a1b2c3d4 aa123456 aaaaaaaa abc12345 abcd1234 abcdefgh admin123 admin1234 administrador
    administrator asdf1234 asdfasdf asdfghjk asdfghjkl babygirl barcelona baseball botafogo
    brasil10 brasil123 carolina changeme chocolate computer corinthians cruzeiro dragon123
    estrela1 familia1 felicidade flamengo fluminense football gabriela garcia123 gustavo1
    iloveyou internet internacional jesus123 jesuscristo juliana1 letmein1 liverpool mariana1
    meuamor1 michelle minhasenha mudar123 p@ssw0rd palmeiras passw0rd password password1
    password123 pokemon1 princesa princess q1w2e3r4 qazwsxedc qwer1234 qwerasdf qwerty12
    qwerty123 qwertyui qwertyuiop recife123 rodrigo1 santos123 saopaulo saopaulo1 senha123
    senha1234 senhasenha starwars sunshine superman teamo123 trustno1 usuario1 usuario123
    vitoria1 welcome1 whatever zaq12wsx zxcvbnm1 zxcvbnm123
    """.split()  # noqa: SIM905  # a hundred quoted words read worse
)
_PUNCTUATION = re.compile(r"[.\-\s]")


def check_password(
    password: str, *, username: str, cpf: str | None = None, field: str = "password"
) -> None:
    """Refuse a new password that would be guessed; ``field`` is its name in the request.

    Only new passwords are checked; signing in never repeats the rules.

    Raises:
        WeakPasswordError: too short, among the commonest, or the user name or CPF itself.
    """
    folded = password.casefold()
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPasswordError(
            f"A senha deve ter pelo menos {SHORTEST_PASSWORD} caracteres.", field
        )
    if folded in _COMMONEST or len(set(folded)) == 1:
        raise WeakPasswordError("Esta senha é muito comum.", field)
    if folded.strip() == username.casefold().strip():
        raise WeakPasswordError("A senha não pode ser igual ao nome de usuário.", field)
    if cpf is not None and _PUNCTUATION.sub("", password) == cpf:
        raise WeakPasswordError("A senha não pode ser igual ao CPF.", field)


def check_citizens_password(
    password: str, *, username: str, cpf: str | None, field: str = "password"
) -> None:
    """Refuse what :func:`check_password` does, and what the old wallet did, too.

    Raises:
        WeakPasswordError: also without an upper case letter or a digit.
    """
    check_password(password, username=username, cpf=cpf, field=field)
    if not any(char.isupper() for char in password):
        raise WeakPasswordError("A senha deve ter pelo menos uma letra maiúscula.", field)
    if not any(char.isdecimal() for char in password):
        raise WeakPasswordError("A senha deve ter pelo menos um número.", field)


class Passwords:
    """Hashes and verifies off the event loop, a few at a time.

    Each computation takes 19 MiB and a core (OWASP's figures for Argon2id), so the number that
    run together is bounded and the rest wait.
    """

    def __init__(self, *, slots: int | None = None) -> None:
        self.slots = slots or max(1, min(4, os.cpu_count() or 1))
        self._semaphore = asyncio.Semaphore(self.slots)
        self._hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
        self._nobody = self._hasher.hash("the password of an account that does not exist")

    async def hash(self, password: str) -> str:
        """Return what is stored for ``password``."""
        async with self._semaphore:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Tell whether ``password`` is the one of ``stored``, and the hash to store instead.

        With ``stored`` none the answer is no, after the same work, so that time does not tell
        which accounts exist. The second value is none unless the hash is of older parameters.
        """
        async with self._semaphore:
            right, renewed = await asyncio.to_thread(
                self._compare, password, stored or self._nobody
            )
        return (right and stored is not None), (renewed if right else None)

    def _compare(self, password: str, stored: str) -> tuple[bool, str | None]:
        try:
            return self._hasher.verify_and_update(password, stored)
        except UnknownHashError:
            return False, None
