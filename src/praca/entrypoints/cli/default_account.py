"""The account of the old server's parameter file (``DEFAULT_USERNAME``, ``DEFAULT_PASSWORD``).

There is none unless both are set. It is an account like any other, made once: the rules of
passwords hold, and one that exists is never changed, its password least of all.
"""

import structlog

from praca.entrypoints.cli.work import opened
from praca.identity import Role
from praca.identity.errors import UsernameTakenError
from praca.identity.service import IdentityService
from praca.platform.settings import Settings

__all__ = ["ensure_default_account"]

_log = structlog.get_logger("praca.accounts")


async def ensure_default_account(settings: Settings, url: str) -> None:
    """Make the account, a recruiter's, if it is set and nobody has its name.

    Raises:
        WeakPasswordError: the password breaks a rule.
        InvalidAccountError: no account can have that name.
    """
    username, password = settings.sign_in.default_username, settings.sign_in.default_password
    if username is None or password is None:
        return
    async with opened(settings, url) as resources:
        service = IdentityService(settings, resources.databases)
        try:
            async with resources.databases.identity.write() as session:
                await service.create_account(
                    session,
                    username=username,
                    password=password.get_secret_value(),
                    role=Role.RECRUTADOR,
                )
        except UsernameTakenError:
            _log.info("accounts.default_exists")
        else:
            _log.info("accounts.default_created")
