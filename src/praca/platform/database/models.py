"""The two families of tables: the city's, and the accounts', which may live elsewhere."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

__all__ = ["CityBase", "IdentityBase"]

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class CityBase(DeclarativeBase):
    """Tables of the city's database; each room sets its own ``schema``."""

    metadata = MetaData(naming_convention=_NAMING)


class IdentityBase(DeclarativeBase):
    """Tables of the accounts' database."""

    metadata = MetaData(naming_convention=_NAMING)
