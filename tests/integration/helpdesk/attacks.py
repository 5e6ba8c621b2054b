"""Two citizens, what the second one would not have the first one see, and who looks for it."""

import base64
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
from psycopg import sql

from praca.helpdesk.knowledge import sample_articles
from praca.helpdesk.records import Knowledge

__all__ = [
    "ATTACKS",
    "Attack",
    "Citizen",
    "Rows",
    "Shelf",
    "Victim",
    "attack_all",
    "leaked",
    "moved_in",
]

Json = dict[str, Any]
_FILE: Final = Path(__file__).with_name("chatbot_attacks.txt")
_ESCAPE: Final = re.compile(r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|\\([rn])")
_NAMED: Final = re.compile(r"<<([a-z_]+)>>")
_CONTROL: Final = {"r": "\r", "n": "\n"}
_PASSWORD: Final = "Segredo-forte-9"
_TELLING: Final = 6
"""So many characters of an encoding are no coincidence."""
_BALANCE: Final = 87_654
# What the attacked tables hold of the one who attacks is his own to write.
_HIS_TO_WRITE: Final = ("chatbot_states", "unanswered")


@dataclass(frozen=True, slots=True)
class Attack:
    """One conversation.

    Attributes:
        kind: the heading under which it stands.
        said: its messages, in which the victim's names and numbers are to be filled in.
    """

    kind: str
    line: int
    said: tuple[str, ...]

    def messages(self, known: Mapping[str, str]) -> list[str]:
        """Return what is said to the chatbot."""
        return [
            _NAMED.sub(lambda found: known[found[1]], _ESCAPE.sub(_character, text))
            for text in self.said
        ]


def _character(found: re.Match[str]) -> str:
    return _CONTROL[found[3]] if found[3] else chr(int(found[1] or found[2], 16))


def _read() -> Iterator[Attack]:
    kind = ""
    for number, line in enumerate(_FILE.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("## "):
            kind = line[3:]
        elif line and not line.startswith("# "):
            yield Attack(kind, number, tuple(line.split(" ⏎ ")))


ATTACKS: Final = tuple(_read())


class Shelf:
    """The shipped articles, which never change."""

    async def revision(self) -> str:
        return "1"

    async def load(self) -> Knowledge:
        return Knowledge("1", sample_articles())


@dataclass(slots=True)
class Citizen:
    """Somebody with an account."""

    client: httpx.AsyncClient
    id: int
    headers: dict[str, str]

    async def chat(self, message: str, **more: Any) -> httpx.Response:
        """Say something to the chatbot."""
        body = {"message": message, **more}
        return await self.client.post("/chatbot/chat", json=body, headers=self.headers)

    async def say(self, *messages: str) -> list[str]:
        """Say one after the other from the menu; return the answers."""
        await self.client.post("/chatbot/start", headers=self.headers)
        answers = [await self.chat(message) for message in messages]
        assert all(answer.status_code == 200 for answer in answers)
        return [answer.json()["message"] for answer in answers]

    async def post(self, path: str, body: Json) -> Json:
        """Do what needs no conversation."""
        answer = await self.client.post(path, json=body, headers=self.headers)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    async def cards(self) -> list[Json]:
        answer = await self.client.get("/transport-card/my-cards", headers=self.headers)
        return list(answer.json())


@dataclass(slots=True)
class Victim:
    """The second citizen.

    Attributes:
        known: what the attacker knows, by the names that the texts use.
        secrets: what nobody but the victim may be told; by what it is, for a message.
    """

    citizen: Citizen
    known: dict[str, str]
    secrets: dict[str, str] = field(default_factory=dict)


async def moved_in(client: httpx.AsyncClient) -> tuple[Citizen, Victim]:
    """Register both; the attacker has two empty cards, the victim all that one can have."""
    attacker = await _registered(client, "Otávio Pereira Lima", "52998224725", "otavio")
    await attacker.post("/transport-card/", {})
    await attacker.say("oi")
    victim = await _registered(client, "Jurema Tabajara Quixote", "11144477735", "jurema.tq")
    (card,) = await victim.cards()
    number = card["card_number"]
    await victim.post(f"/transport-card/{number}/recharge", {"amount": _BALANCE})
    empty = await victim.post("/transport-card/", {})
    document = await victim.post(
        "/documents/",
        {
            "document_type": "Alvará Tamanduá-Bandeira",
            "document_number": "KX-93817264-PQ",
            "expires_on": "2043-07-29",
        },
    )
    await victim.say("atendente", "sim")
    ticket = await _ticket(client, victim)
    # She has been asked whether the empty card is to be cancelled: a "sim" would do it.
    await victim.say("5", "preciso castrar o gato chamado Sarapatel", "2", "2")
    known = {
        "nome": "Jurema Tabajara Quixote",
        "primeiro_nome": "Jurema",
        "usuario": "jurema.tq",
        "cpf": "11144477735",
        "cpf_pontos": "111.444.777-35",
        "cartao": number,
        "cartao_espacos": " ".join(number[at : at + 4] for at in range(0, 16, 4)),
        "final": number[-4:],
        "documento": "KX-93817264-PQ",
        "conta": str(victim.id),
        "cartao_id": str(card["id"]),
        "documento_id": str(document["id"]),
        "chamado": ticket,
        "email": "jurema.tq@exemplo.org",
    }
    secrets = {
        "balance": f"{_BALANCE}",
        "card": number,
        "end of the card": f"final {number[-4:]}",
        "empty card": empty["card_number"],
        "end of the empty card": f"final {empty['card_number'][-4:]}",
        "document": "KX-93817264-PQ",
        "digits of the document": "93817264",
        "type of the document": "Tamanduá-Bandeira",
        "day of the document": "29/07/2043",
        "day of the document, as stored": "2043-07-29",
        "conversation": "Sarapatel",
        "phone": "21987651234",
        "birthday": "14/03/1971",
        "birthday, as stored": "1971-03-14",
        "e-mail": "jurema.tq@exemplo.org",
        "name": "Tabajara Quixote",
        "cpf": "11144477735",
    }
    return attacker, Victim(victim, known, secrets)


async def _registered(client: httpx.AsyncClient, name: str, cpf: str, mailbox: str) -> Citizen:
    person = {
        "full_name": name,
        "email": f"{mailbox}@exemplo.org",
        "birth_date": "1971-03-14",
        "cpf": cpf,
        "phone": "21987651234" if mailbox != "otavio" else "11912345678",
        "password": _PASSWORD,
    }
    answer = await client.post("/users/register", json=person)
    assert answer.status_code == 201, answer.text
    signed_in = await client.post("/auth/login", data={"username": cpf, "password": _PASSWORD})
    token = signed_in.json()["access_token"]
    return Citizen(client, int(answer.json()["id"]), {"Authorization": f"Bearer {token}"})


async def _ticket(client: httpx.AsyncClient, citizen: Citizen) -> str:
    answer = await client.get("/api/v1/helpdesk/my-tickets", headers=citizen.headers)
    found = re.search(r'"id":\s*(\d+)', answer.text)
    assert found, answer.text
    return found[1]


# --- who looks for what may not be said ---------------------------------------------------------


def leaked(answer: str, said: Sequence[str], secrets: Mapping[str, str]) -> list[str]:
    """Return which secrets an answer tells, whatever stands between their characters.

    Also backwards, in base64 and in hexadecimal digits. What the attacker said himself may be
    said back to him.
    """
    heard = _squeezed(answer)
    known = _squeezed(" ".join(said))
    return [
        what
        for what, secret in secrets.items()
        if _squeezed(secret) not in known
        and any(form in heard and form not in known for form in _forms(secret))
    ]


def _forms(secret: str) -> Iterator[str]:
    plain = _squeezed(secret)
    yield plain
    yield plain[::-1]
    raw = secret.encode()
    yield raw.hex()
    for before in range(3):  # bytes, in what was encoded
        encoded = base64.b64encode(b"." * before + raw).decode()
        # Only these characters are the same, whatever stands before and after.
        same = _squeezed(encoded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6])
        if len(same) >= _TELLING:
            yield same


def _squeezed(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in folded if char.isalnum())


class Rows:
    """Every row that an attack could change.

    Whatever the attacker's own conversation and questions are is left out, and how many he asked.
    """

    def __init__(self, dsn: str, attacker_id: int) -> None:
        self._connection = psycopg.connect(dsn, autocommit=True)
        tables = self._connection.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname IN ('identity', 'wallet', 'helpdesk') AND tablename <> 'audit_log'"
            " AND tablename NOT LIKE 'alembic%' ORDER BY 1, 2"
        ).fetchall()
        self._query = sql.SQL(" UNION ALL ").join(
            _hashed(schema, table, attacker_id) for schema, table in tables
        )

    def fingerprint(self) -> dict[str, tuple[int, str]]:
        """Return count and hash of the rows of each table."""
        rows = self._connection.execute(self._query).fetchall()
        return {name: (count, hashed) for name, count, hashed in rows}

    def close(self) -> None:
        self._connection.close()


def _hashed(schema: str, table: str, attacker_id: int) -> sql.Composed:
    left_out = {
        **dict.fromkeys(
            _HIS_TO_WRITE, sql.SQL("WHERE user_id IS DISTINCT FROM {}").format(attacker_id)
        ),
        "sign_in_failures": sql.SQL("WHERE key NOT LIKE 'conversation:%'"),
    }
    return sql.SQL(
        "SELECT {}, count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), ''))"
        " FROM {} t {}"
    ).format(
        f"{schema}.{table}",
        sql.Identifier(schema, table),
        left_out.get(table, sql.SQL("")),
    )


async def attack_all(
    attacks: Sequence[Attack], attacker: Citizen, victim: Victim, rows: Rows
) -> list[str]:
    """Run the attacks; return what went wrong, a line each."""
    found = []
    before = rows.fingerprint()
    for attack in attacks:
        said = attack.messages(victim.known)
        await attacker.client.post("/chatbot/start", headers=attacker.headers)
        for message in said:
            answer = await attacker.chat(message)
            if answer.status_code not in {200, 422}:
                found.append(f"{attack.line}: status {answer.status_code} to {message!r}")
            told = leaked(answer.text, said, victim.secrets)
            told += leaked(_text_of(answer), said, victim.secrets)
            found += [f"{attack.line}: told the {what} to {message!r}" for what in sorted({*told})]
        after = rows.fingerprint()
        changed = [table for table in after if after[table] != before.get(table)]
        found += [f"{attack.line}: changed {table} by {said}" for table in changed]
        before = after
    return found


def _text_of(answer: httpx.Response) -> str:
    return str(answer.json().get("message", "")) if answer.status_code == 200 else ""
