import hashlib
import json
from itertools import islice
from pathlib import Path

import pytest

from praca.jobs.sample import SampleCity, write_sample_files

# The bytes of one small city, so that a platform or Python version that draws differently shows.
# A deliberate change of catalogue, phrases or draws changes it too: then write the new value here.
KNOWN_DIGEST = "8e11ac24e2a8edb4cc3df86a2796297be01525462cf4d9a5f5677e8e54116f7c"


def digest(paths: list[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def test_same_recipe_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    city = SampleCity(candidates=150, vacancies=90)
    once = write_sample_files(city, tmp_path / "once")
    again = write_sample_files(city, tmp_path / "again")
    assert [path.name for path in once] == ["applicants.json", "vagas.json", "prospects.json"]
    assert digest(once) == digest(again)


def test_bytes_are_the_same_on_every_platform(tmp_path: Path) -> None:
    assert digest(write_sample_files(SampleCity(300, 200), tmp_path)) == KNOWN_DIGEST


def test_another_seed_is_another_city(tmp_path: Path) -> None:
    first = write_sample_files(SampleCity(20, 10, seed=1), tmp_path / "1")
    second = write_sample_files(SampleCity(20, 10, seed=2), tmp_path / "2")
    assert digest(first) != digest(second)


def test_files_hold_what_the_iterators_yield(tmp_path: Path) -> None:
    city = SampleCity(candidates=60, vacancies=80)
    applicants, vagas, prospects = (
        json.loads(path.read_text(encoding="utf-8")) for path in write_sample_files(city, tmp_path)
    )
    assert applicants == dict(city.applicants())
    assert vagas == dict(city.vagas())
    assert prospects == dict(city.prospects())
    assert (len(applicants), len(vagas), len(prospects)) == (60, 80, city.groups())


def test_no_unfinished_file_stays_and_old_files_are_replaced(tmp_path: Path) -> None:
    write_sample_files(SampleCity(5, 5), tmp_path)
    write_sample_files(SampleCity(3, 5), tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["applicants.json", "prospects.json", "vagas.json"]
    assert len(json.loads((tmp_path / "applicants.json").read_text(encoding="utf-8"))) == 3


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    write_sample_files(SampleCity(5, 5), tmp_path)
    before = (tmp_path / "applicants.json").read_bytes()

    def stop(_name: str, done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sample_files(SampleCity(600, 5), tmp_path, on_progress=stop)
    assert (tmp_path / "applicants.json").read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_progress_ends_at_the_total_of_each_file(tmp_path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    city = SampleCity(candidates=600, vacancies=60)
    write_sample_files(city, tmp_path, on_progress=lambda *call: calls.append(call))
    for name, total in (
        ("applicants.json", 600),
        ("vagas.json", 60),
        ("prospects.json", city.groups()),
    ):
        mine = [call for call in calls if call[0] == name]
        assert mine[-1] == (name, total, total)
        assert [done for _, done, _ in mine] == sorted(done for _, done, _ in mine)


def test_a_record_does_not_depend_on_the_size_of_the_city() -> None:
    small, large = SampleCity(30, 30), SampleCity(5_000, 5_000)
    assert list(small.applicants()) == list(islice(large.applicants(), 30))
    assert list(small.vagas()) == list(islice(large.vagas(), 30))


def test_records_are_made_one_at_a_time() -> None:
    huge = SampleCity(candidates=10**12, vacancies=10**12)
    assert len(list(islice(huge.applicants(), 50))) == 50
    assert len(list(islice(huge.vagas(), 50))) == 50
    groups = list(islice(huge.prospects(), 50))
    assert any(group["prospects"] for _, group in groups)


def test_five_thousand_candidates_have_codes_of_their_own() -> None:
    codes = {code for code, _ in islice(SampleCity(candidates=5_000).applicants(), 5_000)}
    assert len(codes) == 5_000


@pytest.mark.parametrize(("candidates", "vacancies"), [(0, 0), (0, 12), (12, 0), (1, 30)])
def test_tiny_cities_are_valid(tmp_path: Path, candidates: int, vacancies: int) -> None:
    for path in write_sample_files(SampleCity(candidates, vacancies), tmp_path):
        assert isinstance(json.loads(path.read_text(encoding="utf-8")), dict)


@pytest.mark.parametrize("sizes", [(-1, 5), (5, -1)])
def test_negative_sizes_are_refused(sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="fewer than zero"):
        SampleCity(*sizes)
