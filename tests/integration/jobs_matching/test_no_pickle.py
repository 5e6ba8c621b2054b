"""Training, publishing, loading and answering, in a process that counts what it unpickles."""

import subprocess
import sys

_PROGRAM = """
import sys

watched = []
sys.addaudithook(lambda event, _: watched.append(event) if event == "pickle.find_class" else None)

from datetime import UTC, datetime
from praca.jobs.matching.index import CandidateIndex
from praca.jobs.matching.model import MatchModel, Pair
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.learning.artifacts import pack, verify

trades = ("java spring sql", "triagem vacina curativo", "fiscal balanco sped")
people = [CandidateProfile(codigo=n, titulo=trades[n % 3], cv=trades[n % 3] * 2) for n in range(60)]
offers = [VacancyProfile(codigo=n, titulo=trades[n % 3]) for n in range(30)]
pairs = [Pair(n, (n % 3) + 3 * (n % 7)) for n in range(60)]
model = MatchModel(dimensions=4).fit(people, offers, pairs)
files = pack(model.to_files(), name="match", version="1", created_at=datetime.now(UTC))
loaded = MatchModel.from_files(verify(files).files)
index = CandidateIndex(loaded)
index.upsert(people)
again = CandidateIndex.from_files(index.to_files(), loaded)
assert again.rank(offers[0], 5) == index.rank(offers[0], 5)
assert 0 <= loaded.probability(people[0], offers[0]) <= 1
print("unpickled:", len(watched))

if len(sys.argv) > 1:  # that the hook would see one
    import decimal, pickle
    pickle.loads(pickle.dumps(decimal.Decimal(1)))
    print("unpickled:", len(watched))
"""


def _run(*arguments: str) -> list[str]:
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", _PROGRAM, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_nothing_is_ever_unpickled() -> None:
    assert _run() == ["unpickled: 0"]


def test_an_unpickling_would_be_seen() -> None:
    assert _run("--unpickle") == ["unpickled: 0", "unpickled: 1"]
