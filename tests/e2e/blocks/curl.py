"""Reads command lines of curl, and asks as curl would."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

__all__ = ["ask"]


def ask(words: list[str], folder: Path) -> str:
    """Ask what the words after ``curl`` say, insist on a good answer, and return it.

    Args:
        words: options with their values, and the address last.
        folder: where the files are that they name.
    """
    *options, url = words
    asked: dict[str, Any] = {"headers": {}}
    method, output = "", None
    for option, value in _pairs(options):
        if option == "-X":
            method = value
        elif option == "-o":
            output = folder / value
        else:
            _add(asked, option, value, folder)
    has_body = asked.keys() & {"content", "data", "files", "json"}
    answer = httpx.request(method or ("POST" if has_body else "GET"), url, timeout=30, **asked)
    assert answer.is_success, answer.text
    if output is not None:
        output.write_bytes(answer.content)
    return answer.text


def _pairs(options: list[str]) -> Iterator[tuple[str, str]]:
    return zip(options[::2], options[1::2], strict=True)


def _add(asked: dict[str, Any], option: str, value: str, folder: Path) -> None:
    """Add to the arguments of the request what one option says."""
    if option == "-H":
        name, content = value.split(": ", 1)
        asked["headers"][name] = content
    elif option == "--json":
        asked["json"] = json.loads(value)
    elif option == "--data-binary":
        asked["content"] = (folder / value.removeprefix("@")).read_bytes()
    elif option == "-F":
        name, _, content = value.partition("=")
        is_file = content.startswith("@")
        part = (content[1:], (folder / content[1:]).read_bytes()) if is_file else (None, content)
        asked.setdefault("files", {})[name] = part
    else:
        assert option == "-d", f"nobody here knows curl's {option}"
        asked["data"] = dict(pair.split("=", 1) for pair in value.split("&"))
