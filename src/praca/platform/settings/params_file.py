"""The parameter file of the old model server (``params.txt``), as a source of settings.

It is an INI file with the sections Model, Training, TFIDF, LogisticRegression, GridSearch and
Authentication. Every value is plain text: the setting that takes it says how it is read, and
nothing is ever evaluated. Variables of the environment win over the file.
"""

import configparser
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

__all__ = ["FILE_VARIABLE", "ParamsFile", "ParamsFileError", "old_name", "read_params"]

FILE_VARIABLE: Final = "PRACA_HIRING_PARAMS_FILE"
_FROM_FILE: Final = "params.txt:"
_MOST_BYTES: Final = 1 << 20
# Revisions of the old server differ in whether the section's name is part of the option's.
_PREFIX_OF_SECTION: Final = {"gridsearch": "GRID_SEARCH_", "tfidf": "TFIDF_"}


class ParamsFileError(Exception):
    """The parameter file cannot be read; the message says why."""


def old_name(name: str) -> AliasChoices:
    """Return the names a setting of the old server is read under, the strongest first."""
    return AliasChoices(f"PRACA_{name}", name, _FROM_FILE + name)


def read_params(path: Path) -> dict[str, str]:
    """Return the options of a parameter file by their documented names.

    Raises:
        ParamsFileError: it is absent, too large, no text, or no INI file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ParamsFileError(f"{path} cannot be read ({error.strerror})") from error
    if len(content) > _MOST_BYTES:
        raise ParamsFileError(f"{path} is larger than {_MOST_BYTES} bytes")
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(content.decode("utf-8-sig"))
    except (configparser.Error, UnicodeDecodeError) as error:
        # Not the error's own text: it quotes lines, and one of them may be a password.
        raise ParamsFileError(f"{path} is no INI file in UTF-8") from error
    return {
        _documented(section, option): value
        for section in parser.sections()
        for option, value in parser.items(section)
    }


def _documented(section: str, option: str) -> str:
    prefix = _PREFIX_OF_SECTION.get(section.lower().replace("_", ""), "")
    return prefix + option.upper().removeprefix(prefix)


@lru_cache(maxsize=1)
def _cached(path: str, _modified_ns: int) -> dict[str, str]:
    return read_params(Path(path))


class ParamsFile(PydanticBaseSettingsSource):
    """Gives the fields that :func:`old_name` names what the parameter file says of them."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the file's text for a field, the name it is known by, and that it is no JSON."""
        choices = field.validation_alias
        names = choices.choices if isinstance(choices, AliasChoices) else [field_name]
        name = str(names[-1])
        return self._options().get(name.removeprefix(_FROM_FILE)), name, False

    def __call__(self) -> dict[str, Any]:
        """Return what the file says of the fields of this group."""
        found = {}
        for field_name, field in self.settings_cls.model_fields.items():
            value, name, _ = self.get_field_value(field, field_name)
            if value is not None and name.startswith(_FROM_FILE):
                found[name] = value
        return found

    def _options(self) -> dict[str, str]:
        path = os.environ.get(FILE_VARIABLE)
        if not path:
            return {}
        try:
            modified_ns = Path(path).stat().st_mtime_ns
        except OSError:
            modified_ns = 0
        return _cached(path, modified_ns)
