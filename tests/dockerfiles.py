"""What a Dockerfile says, as far as ours go: stages of instructions, with their variables."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]

_LINE = re.compile(r"([A-Z]+)\s+(.+)", re.DOTALL)


@dataclass
class Stage:
    """One ``FROM`` and what follows it."""

    base: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [text for found, text in self.instructions if found == name]

    def one(self, name: str) -> str:
        (text,) = self.all(name)
        return text

    def words(self, name: str) -> list[str]:
        """Return the words of an instruction in exec form, which no shell reads."""
        words: list[str] = json.loads(self.one(name))
        return words

    def healthcheck(self) -> list[str]:
        words: list[str] = json.loads(self.one("HEALTHCHECK").split(" CMD ", 1)[1])
        return words

    def arguments(self) -> dict[str, str]:
        """Return the build arguments with their defaults."""
        return dict(word.split("=", 1) for text in self.all("ARG") for word in shlex.split(text))

    def environment(self, before: Mapping[str, str]) -> dict[str, str]:
        """Return ``before`` with what the stage sets, variables put in."""
        values = dict(before)
        for text in self.all("ENV"):
            for word in shlex.split(text):
                name, _, value = word.partition("=")
                values[name] = re.sub(r"\$(\w+)", lambda found: values[found[1]], value)
        return values

    def commands(self) -> list[str]:
        """Return the shell commands of ``RUN``, without the mounts of their caches."""
        return [re.sub(r"^(--mount=\S+\s+)+", "", text) for text in self.all("RUN")]

    def copied(self) -> list[tuple[list[str], str]]:
        """Return what is copied from the checkout, and where to."""
        words = [text.split() for text in self.all("COPY")]
        return [(parts[:-1], parts[-1]) for parts in words if not parts[0].startswith("--")]


def stages_of(path: Path) -> list[Stage]:
    """Read a Dockerfile."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    stages: list[Stage] = []
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.strip())
        assert found is not None, line
        name, rest = found[1], found[2]
        if name == "FROM":
            base, _, alias = rest.partition(" AS ")
            stages.append(Stage(base, alias))
        elif stages:
            stages[-1].instructions.append((name, rest))
    return stages
