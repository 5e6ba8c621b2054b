"""Migrations are safe beside the previous release: it reads and writes while they run, and after.

Whatever must break a rule says why in its statement: ``-- safe: nobody reads it since 3.2``.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import praca.migrations

_FOLDER = Path(praca.migrations.__file__).parent
_BEFORE_THE_RULES: Final = {"city": 17, "identity": 4}
"""Number of the last migration that no running system was updated by."""
_MARKER: Final = re.compile(r"--\s*safe:\s*\S+")
_STAR: Final = re.compile(
    r"\bselect (?:distinct )?(?:\w+\.)?\* from(?: only)?(?: \w+\.\w|$)|\breturning (?:\w+\.)?\*"
)
"""All columns of a table, whichever the next release adds; of a subquery they are named in it."""
_CALLS: Final = {"execute", "get_bind", "get_context"}
_NAME: Final = r"[\w.\"]+"
_CREATED: Final = re.compile(rf"\bcreate (?:unlogged )?table (?:if not exists )?({_NAME})")
_TABLE: Final = rf"^alter table (?:only )?({_NAME}).*"
_ADD: Final = rf"{_TABLE}\badd (?:constraint {_NAME} )?"
# PostgreSQL lets the word COLUMN be left out.
_COLUMN: Final = (
    rf"{_TABLE}\badd (?:column )?(?!constraint\b|check\b|foreign\b|unique\b|primary\b|exclude\b)"
)
_DROPPED: Final = rf"{_TABLE}\bdrop (?!default\b|not null\b|identity\b|expression\b)"
_NOT_FILLED: Final = (
    rf"{_COLUMN}(?:(?!, add |\bdefault\b).)*\bnot null\b(?!(?:(?!, add ).)*\bdefault\b)"
)
_REWRITTEN: Final = rf"{_COLUMN}.*\b(?:generated|serial|gen_random_uuid|random|clock_timestamp)\b"
_RULES: Final = (
    (rf"^create (?:unique )?index (?!concurrently)\S.* on (?:only )?({_NAME})", "CONCURRENTLY"),
    (r"^drop index (?!concurrently)", "drop an index CONCURRENTLY"),
    (r"^drop (?:table|schema|view|materialized view|function|type|sequence)\b", "still in use"),
    (_DROPPED, "drop it a release later"),
    (r"^alter \w+ .*\brename\b", "the previous release knows the old name"),
    (rf"{_TABLE}\btype\b", "a new column, filled by a task"),
    (rf"{_TABLE}\bset not null\b", "first a CHECK that is NOT VALID"),
    (_NOT_FILLED, "the previous release does not fill it: DEFAULT"),
    (_REWRITTEN, "every row is written anew"),
    (rf"{_COLUMN}(?:(?!, add ).)*\b(?:unique|primary key)\b", "an index, then USING INDEX"),
    (rf"{_ADD}(?:check|foreign key)\b(?!.*\bnot valid\b)", "NOT VALID, and VALIDATE afterwards"),
    (rf"{_ADD}(?:unique|primary key|exclude)\b(?!.*\busing index\b)", "an index, then USING INDEX"),
    (rf"^(?:update|delete from|merge into) (?:only )?({_NAME})", "fill by a task, in small steps"),
    (r"^with\b.*\b(?:update|delete from|merge into)\b", "fill by a task, in small steps"),
    (r"^do\b", "write what it does as statements"),
    (r"^(?:lock|truncate|cluster|vacuum full|reindex(?! .*concurrently))\b", "nobody could read"),
)


_TAKES_A_TABLE: Final = (
    _TABLE,
    r"\breferences ([\w.]+)",
    r"^create (?:constraint )?trigger .* on ([\w.]+)",
)
"""What nobody can write to, or read, until the migration has ended."""


def _statements(source: str) -> Iterator[str]:
    """Yield the SQL that ``upgrade`` of a migration runs, a statement at a time."""
    for node in ast.parse(source).body:
        names = [t.id for t in getattr(node, "targets", ()) if isinstance(t, ast.Name)]
        if "_DOWN" in names or getattr(node, "name", "") == "downgrade":
            continue
        for text in _texts(node):
            # A body between dollars is one piece.
            pieces = re.split(r"(\$(\w*)\$.*?\$\2\$)", text, flags=re.DOTALL)[::3]
            yield from "$body$".join(pieces).split(";")


def _texts(node: ast.AST) -> Iterator[str]:
    """Yield each text below ``node``; in one with gaps, a name stands for what fills them."""
    if isinstance(node, ast.JoinedStr):
        parts = [getattr(part, "value", None) for part in node.values]
        yield "".join(part if isinstance(part, str) else "filled" for part in parts)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)


def _faults(source: str) -> list[str]:
    """Return what is unsafe in the text of a migration."""
    found = [
        f"op.{node.func.attr}: write SQL"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "op"
        and node.func.attr not in _CALLS
    ]
    made: set[str] = set()
    taken: set[str] = set()
    for statement in _statements(source):
        if _MARKER.search(statement):
            continue
        plain = " ".join(re.sub(r"--[^\n]*", "", statement).lower().split())
        made.update(_CREATED.findall(plain))
        for pattern, advice in _RULES:
            match = re.search(pattern, plain)
            if match and not (match.groups() and match[1] in made):
                found.append(f"{plain[:80]}: {advice}")
        if " validate constraint " not in plain:
            taken.update(*(re.findall(pattern, plain) for pattern in _TAKES_A_TABLE))
    if len(taken - made) > 1:
        # A request that has read the second already, and now waits for the first, is a deadlock.
        found.append(f"{', '.join(sorted(taken - made))}: a migration of its own for each")
    return found


def _new_migrations() -> list[Path]:
    return sorted(
        file
        for history, last in _BEFORE_THE_RULES.items()
        for file in (_FOLDER / history / "versions").glob("*.py")
        if _number(file) > last
    )


def _number(file: Path) -> int:
    match = re.search(r'^revision(?:: \w+)? = "(\d+)_', file.read_text("utf-8"), re.MULTILINE)
    assert match, f"{file.name}: a revision begins with its number"
    return int(match[1])


def test_new_migrations_are_safe_beside_the_previous_release() -> None:
    faults = {
        file.name: found for file in _new_migrations() if (found := _faults(file.read_text()))
    }
    assert not faults


def test_the_rules_see_the_statements_of_older_migrations() -> None:
    files = sorted(_FOLDER.glob("*/versions/*.py"))
    assert len(files) >= sum(_BEFORE_THE_RULES.values())
    for file in files:
        source = file.read_text("utf-8")
        assert _number(file)
        # The oldest are written in Python, which is a fault of its own.
        sees = any("CREATE" in part or "ALTER" in part for part in _statements(source))
        assert sees or _faults(source), file.name


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE INDEX ix_a ON wallet.cards (a)",
        "CREATE UNIQUE INDEX ix_a ON wallet.cards (a)",
        "DROP INDEX wallet.ix_a",
        "DROP TABLE wallet.cards",
        "ALTER TABLE wallet.cards DROP COLUMN a",
        "ALTER TABLE wallet.cards RENAME COLUMN a TO b",
        "ALTER TABLE wallet.cards\n    ALTER COLUMN a TYPE bigint",
        "ALTER TABLE wallet.cards ALTER COLUMN a SET NOT NULL",
        "ALTER TABLE wallet.cards ADD COLUMN a text NOT NULL",
        "ALTER TABLE wallet.cards ADD COLUMN a text NOT NULL, ADD COLUMN b int DEFAULT 1",
        "ALTER TABLE wallet.cards ADD COLUMN a uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE wallet.cards ADD CONSTRAINT ck_a CHECK (a > 0)",
        "ALTER TABLE wallet.cards ADD CONSTRAINT fk_a FOREIGN KEY (a) REFERENCES b (a)",
        "ALTER TABLE wallet.cards ADD CONSTRAINT uq_a UNIQUE (a)",
        "UPDATE wallet.cards SET a = 1",
        "CREATE TABLE wallet.b (a int); CREATE INDEX ix_a ON wallet.cards (a)",
        "TRUNCATE wallet.cards",
        "ALTER TABLE wallet.cards ADD COLUMN a text; ALTER TABLE wallet.transfers ADD COLUMN a int",
        (
            "CREATE TABLE wallet.b (a int REFERENCES wallet.cards (id),"
            " b int REFERENCES wallet.transfers (id))"
        ),
        'ALTER TABLE "wallet"."cards" DROP COLUMN a',
        "ALTER TABLE wallet.cards DROP a",
        "ALTER TABLE wallet.cards ADD a text NOT NULL",
        "ALTER TABLE wallet.cards ADD COLUMN a text UNIQUE",
        "WITH a AS (SELECT 1) UPDATE wallet.cards SET a = 1",
        "DO $$ BEGIN UPDATE wallet.cards SET a = 1; END $$",
    ],
)
def test_what_is_unsafe_is_found_unless_it_says_why(statement: str) -> None:
    assert _faults(f'_UP = """{statement}"""')
    last = statement.rsplit("; ", 1)[-1] if "$" not in statement else statement
    said = statement.replace(last, f"-- safe: nobody reads it\n{last}")
    assert not _faults(f'_UP = """{said}"""')


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE wallet.b (a int NOT NULL); CREATE INDEX ix_b ON wallet.b (a)",
        "CREATE INDEX CONCURRENTLY ix_a ON wallet.cards (a)",
        "ALTER TABLE wallet.cards ADD COLUMN a text, ADD COLUMN b int NOT NULL DEFAULT 0",
        "ALTER TABLE wallet.cards ADD CONSTRAINT ck_a CHECK (a > 0) NOT VALID",
        "ALTER TABLE wallet.cards VALIDATE CONSTRAINT ck_a",
        "ALTER TABLE wallet.cards ADD CONSTRAINT uq_a UNIQUE USING INDEX ix_a",
        "COMMENT ON COLUMN wallet.cards.a IS 'a'",
        (
            "CREATE TABLE wallet.b (a int REFERENCES wallet.cards (id));"
            "CREATE TABLE wallet.c (a int REFERENCES wallet.b, b int REFERENCES wallet.cards (id))"
        ),
        (
            "ALTER TABLE wallet.cards ADD COLUMN a text;"
            "ALTER TABLE wallet.transfers VALIDATE CONSTRAINT ck_a"
        ),
        "ALTER TABLE wallet.cards ALTER COLUMN a DROP NOT NULL",
        "CREATE FUNCTION wallet.f() RETURNS void AS $$ UPDATE wallet.cards SET a = 1; $$",
    ],
)
def test_what_is_safe_is_left_alone(statement: str) -> None:
    assert not _faults(f'_UP = """{statement}"""')
    assert not _faults(f'def downgrade() -> None:\n    run("""DROP TABLE a; {statement}""")')


def test_what_is_filled_in_hides_nothing() -> None:
    source = 'for name in ("a", "b"):\n    run(f"ALTER TABLE {name} DROP COLUMN c")'
    assert _faults(source)


def test_operations_in_python_are_not_looked_through() -> None:
    assert _faults('def upgrade() -> None:\n    op.drop_column("cards", "a", schema="wallet")')


def _stars(source: str) -> list[str]:
    """Return the statements in ``source`` whose result changes with the columns of a table."""
    return [
        part.value
        for part in ast.walk(ast.parse(source))
        if isinstance(part, ast.Constant)
        and isinstance(part.value, str)
        and _STAR.search(" ".join(part.value.lower().split()))
    ]


def test_a_new_column_changes_no_result_that_the_previous_release_reads() -> None:
    """Its statements are prepared: PostgreSQL would refuse them once they returned more."""
    package = Path(praca.migrations.__file__).parents[1]
    files = [file for file in package.rglob("*.py") if _FOLDER not in file.parents]
    assert not {file.name: found for file in files if (found := _stars(file.read_text("utf-8")))}


def test_a_star_is_seen_unless_its_columns_are_named() -> None:
    seen = ("SELECT *\n  FROM a.b", "select a.* from a.b", "UPDATE a.b SET c = 1 RETURNING *")
    assert all(_stars(repr(statement)) for statement in seen)
    assert _stars('f"SELECT * FROM {table}"')
    unseen = ("SELECT count(*) FROM a.b", "WITH f AS (SELECT c FROM a.b) SELECT * FROM f")
    assert not any(_stars(repr(statement)) for statement in unseen)
