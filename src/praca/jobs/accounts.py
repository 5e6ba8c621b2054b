"""Whose candidate an account is, as the job centre's staff has established it.

Never by a CPF that somebody typed: anybody can type somebody else's.
"""

from typing import ClassVar

from sqlalchemy import text

from praca.kit.errors import DomainError, ErrorKind
from praca.platform.database import ReadSession, WriteSession

__all__ = [
    "AccountLinkNotFoundError",
    "AccountLinkOwnError",
    "AccountLinkTakenError",
    "account_of",
    "candidate_of",
    "link_account",
    "unlink_account",
]


class AccountLinkTakenError(DomainError):
    """The account is linked to another candidate, or the candidate to another account."""

    code: ClassVar[str] = "account_link_taken"
    kind: ClassVar[ErrorKind] = ErrorKind.CONFLICT
    title: ClassVar[str] = "Account or candidate already linked"

    def __init__(self) -> None:
        super().__init__(
            "A conta ou o candidato já tem outro vínculo; desfaça-o antes de criar um novo."
        )


class AccountLinkOwnError(DomainError):
    """Somebody would link or unlink an account of his own; a colleague does that."""

    code: ClassVar[str] = "account_link_own"
    kind: ClassVar[ErrorKind] = ErrorKind.FORBIDDEN
    title: ClassVar[str] = "Own account"

    def __init__(self) -> None:
        super().__init__("Ninguém vincula ou desvincula a própria conta; peça a um colega.")


class AccountLinkNotFoundError(DomainError):
    """The candidate is linked to no account."""

    code: ClassVar[str] = "account_link_not_found"
    kind: ClassVar[ErrorKind] = ErrorKind.NOT_FOUND
    title: ClassVar[str] = "Candidate not linked"

    def __init__(self) -> None:
        super().__init__("O candidato não está vinculado a nenhuma conta.")


async def candidate_of(session: ReadSession, account_id: int) -> int | None:
    """Return the code of the candidate that the account is linked to."""
    code = await session.scalar(
        text(
            "SELECT codigo_profissional FROM jobs.candidate_accounts WHERE account_id = :account_id"
        ),
        {"account_id": account_id},
    )
    return None if code is None else int(code)


async def account_of(session: WriteSession, codigo: int) -> int | None:
    """Return the account that is linked to the candidate; the link stays until the commit."""
    account_id = await session.scalar(
        text(
            "SELECT account_id FROM jobs.candidate_accounts"
            " WHERE codigo_profissional = :codigo FOR UPDATE"
        ),
        {"codigo": codigo},
    )
    return None if account_id is None else int(account_id)


async def link_account(
    session: WriteSession, *, account_id: int, codigo: int, linked_by: int
) -> bool:
    """Link an account to a candidate; repeating it changes nothing.

    Returns:
        Whether the candidate exists.

    Raises:
        AccountLinkOwnError: the account is the one of who links.
        AccountLinkTakenError: one of the two has another link.
    """
    if account_id == linked_by:
        raise AccountLinkOwnError
    exists = await session.scalar(
        text("SELECT true FROM jobs.candidates WHERE codigo_profissional = :codigo FOR KEY SHARE"),
        {"codigo": codigo},
    )
    if not exists:
        return False
    values = {"account_id": account_id, "codigo": codigo, "linked_by": linked_by}
    await session.execute(
        text(
            "INSERT INTO jobs.candidate_accounts (account_id, codigo_profissional, linked_by)"
            " VALUES (:account_id, :codigo, :linked_by) ON CONFLICT DO NOTHING"
        ),
        values,
    )
    if await candidate_of(session, account_id) != codigo:
        raise AccountLinkTakenError
    return True


async def unlink_account(session: WriteSession, codigo: int, unlinked_by: int) -> None:
    """Undo a candidate's link.

    Raises:
        AccountLinkNotFoundError: there is none.
        AccountLinkOwnError: the account is the one of who unlinks.
    """
    linked = await account_of(session, codigo)
    if linked is None:
        raise AccountLinkNotFoundError
    if linked == unlinked_by:
        raise AccountLinkOwnError
    await session.execute(
        text("DELETE FROM jobs.candidate_accounts WHERE codigo_profissional = :codigo"),
        {"codigo": codigo},
    )
