"""Training, publishing, loading and answering, in a process that counts what it unpickles.

Every class that a pickle names raises the audit event ``pickle.find_class``, whoever loads it:
joblib and cloudpickle unpickle with the same machinery. What of them could load is watched as well.
"""

import os
import subprocess
import sys
from pathlib import Path

_WATCH = """
import sys

watched = []
LOADERS = {"joblib/numpy_pickle.py": ("load", "_unpickle"), "cloudpickle/cloudpickle.py": ("",)}

def hook(event, arguments):
    if event == "pickle.find_class":
        watched.append(event)

def profile(frame, event, _):
    if event == "call":
        path, name = frame.f_code.co_filename, frame.f_code.co_name
        for file, names in LOADERS.items():
            if path.endswith(file) and (name in names or name.startswith("_make_")):
                watched.append(name)

sys.addaudithook(hook)
"""
_PROGRAM = (
    _WATCH
    + """
sys.setprofile(profile)

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
    import io, joblib
    buffer = io.BytesIO()
    joblib.dump([1], buffer)
    buffer.seek(0)
    joblib.load(buffer)
    print("by joblib:", watched.count("load"))
"""
)
_SERVICE = (
    _WATCH
    + """
import asyncio
from uuid import uuid4
from praca.entrypoints.kinds import TASK_KINDS
from praca.jobs.matching import Matcher
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.tasks import index, train
from praca.platform.resources import open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext

async def main():
    resources = open_resources(Settings.load(), sys.argv[1], TASK_KINDS)
    result = await train(TaskContext(uuid4(), resources), {"seed": 3})
    await index(TaskContext(uuid4(), resources), {})
    matcher = Matcher(resources)
    await matcher.refresh()
    person = CandidateProfile(titulo="Enfermeira", cv="vacina")
    found = matcher.predict(person, VacancyProfile(titulo="Enfermeira"))
    recommended = await matcher.recommend(person, 3)
    ranked = await matcher.rank(recommended.vacancies[0]["codigo_vaga"], 3)
    assert result["version"] == found.version == recommended.version == ranked.version == 2
    await resources.close()

asyncio.run(main())
print("unpickled:", len(watched))
"""
)


def _run(program: str, *arguments: str, **environment: str) -> list[str]:
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_nothing_is_ever_unpickled() -> None:
    assert _run(_PROGRAM) == ["unpickled: 0"]


def test_an_unpickling_would_be_seen() -> None:
    found = _run(_PROGRAM, "--unpickle")
    assert found == ["unpickled: 0", "unpickled: 1", "by joblib: 1"]


def test_the_training_task_and_the_matcher_unpickle_nothing(
    city_dsn: str, settings: object, tmp_path: Path
) -> None:
    """The task trains, publishes and saves the indexes; the matcher loads them and answers."""
    assert settings  # its folder holds the files of version 1
    folder = {"PRACA_DATA_DIR": str(tmp_path)}
    assert _run(_SERVICE, city_dsn, **folder)[-1] == "unpickled: 0"
