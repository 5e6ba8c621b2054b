"""The scorers to beat: chance, BM25, TF-IDF, LSA and their fusion, and system 2's pipeline."""

from collections.abc import Iterator, Sequence

import numpy as np
from benchmarks.ranking.data import Data, Trial
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from praca.jobs.matching.outcomes import Outcome, outcome_of
from praca.jobs.matching.profiles import CandidateProfile, VacancyProfile
from praca.jobs.matching.protected import PROTECTED_WORDS
from praca.learning.retrieval import BM25, LSA, TfIdf, Vocabulary, reciprocal_rank_fusion
from praca.learning.text import Tokenizer

__all__ = [
    "FLOOR",
    "Scores",
    "chance",
    "lexical",
    "offer_text",
    "person_text",
    "system_2",
]

Scores = NDArray[np.float64]
FLOOR = "RRF of title and text (the floor)"


def person_text(profile: CandidateProfile) -> str:
    """Return all that a person tells, for scorers that read one text."""
    return (
        f"{profile.titulo}\n{profile.objetivo}\n{profile.conhecimentos}\n"
        f"{profile.certificacoes}\n{profile.cv}"
    )


def offer_text(profile: VacancyProfile) -> str:
    """Return all that a vacancy tells, for scorers that read one text."""
    return f"{profile.titulo}\n{profile.atividades}\n{profile.competencias}"


def chance(trial: Trial, seed: int) -> Iterator[dict[str, Scores]]:
    """Yield random scores for every query."""
    generator = np.random.default_rng(seed)
    for _ in trial.queries:
        yield {"random": generator.random(len(trial.pool))}


def lexical(data: Data, trial: Trial) -> Iterator[dict[str, Scores]]:
    """Yield the scores of word statistics, learned from the trial's documents, for every query."""
    terms = Tokenizer(drop=PROTECTED_WORDS)
    corpus = [terms(person_text(data.candidates[code])) for code in sorted(trial.people)]
    corpus += [terms(offer_text(data.vacancies[code])) for code in sorted(trial.offers)]
    vocabulary = Vocabulary(min_documents=2, hash_space=1 << 20).fit(corpus)
    people = [terms(person_text(data.candidates[code])) for code in trial.pool]
    bm25 = BM25(saturate_query=True).fit({"text": people}, vocabulary)
    tfidf = TfIdf().fit(people, vocabulary)
    lsa = LSA(seed=0).fit([tfidf.vector(document) for document in corpus], len(vocabulary))

    def dense(document: Sequence[str]) -> NDArray[np.float32]:
        numbers, weights = tfidf.vector(document)
        return np.asarray(lsa.transform(numbers, weights.T)[0])

    vectors = np.stack([dense(document) for document in people])
    for code in trial.queries:
        profile = data.vacancies[code]
        full, title = terms(offer_text(profile)), terms(profile.titulo)
        whole, titles = (
            [
                bm25.scores(query),
                tfidf.scores(query),
                (vectors @ dense(query)).astype(np.float64),
            ]
            for query in (full, title)
        )
        yield {
            "BM25 on title": titles[0],
            "BM25": whole[0],
            "TF-IDF cosine": whole[1],
            "LSA": whole[2],
            "RRF of the whole text": reciprocal_rank_fusion(whole),
            FLOOR: reciprocal_rank_fusion(whole + titles),
        }


def system_2(
    data: Data, trial: Trial, seed: int, negatives: int = 4
) -> Iterator[dict[str, Scores]]:
    """Yield the probabilities of system 2's pipeline, as its own documents describe it.

    Three TF-IDF blocks (activities 1,000 terms, competences 1,000, CV 5,000; one and two words,
    accents stripped) under one logistic regression with C from a grid search by AUC. It is
    learned twice: on its own 0/1 table of statuses, and on who was put forward, against as many
    people drawn at random, for fairness.
    """
    known = [
        (pair.codigo_vaga, pair.codigo_candidato, outcome_of(pair.situacao) is Outcome.HIRED)
        for pair in data.pairs
        if pair.codigo_candidato in trial.people and pair.codigo_vaga in trial.offers
    ]
    people = np.array(sorted(trial.people))
    drawn = np.random.default_rng(seed).choice(people, (len(known), negatives))
    fair = [(offer, person, True) for offer, person, _ in known]
    fair += [
        (offer, int(other), False)
        for (offer, _, _), others in zip(known, drawn, strict=True)
        for other in others
        if int(other) not in data.put_forward[offer]
    ]
    pipelines = {
        "system 2": _Pipeline(data, known),
        "system 2, put forward": _Pipeline(data, fair),
    }
    scored = {name: pipeline.scores(data, trial) for name, pipeline in pipelines.items()}
    for at in range(len(trial.queries)):
        yield {name: scores[at] for name, scores in scored.items()}


class _Pipeline:
    """System 2's vectorisers and regression, fitted on (vacancy, person, label) rows."""

    def __init__(self, data: Data, rows: Sequence[tuple[int, int, bool]]) -> None:
        offers = [data.vacancies[offer] for offer, _, _ in rows]
        texts = (
            [offer.atividades for offer in offers],
            [offer.competencias for offer in offers],
            [data.candidates[person].cv for _, person, _ in rows],
        )
        self._vectorizers = [
            TfidfVectorizer(max_features=size, ngram_range=(1, 2), strip_accents="unicode")
            for size in (1000, 1000, 5000)
        ]
        blocks = [v.fit_transform(text) for v, text in zip(self._vectorizers, texts, strict=True)]
        search = GridSearchCV(
            LogisticRegression(max_iter=1000),
            {"C": [0.1, 1, 10]},
            cv=5,
            scoring="roc_auc",
        )
        search.fit(sparse.hstack(blocks).tocsr(), np.array([label for _, _, label in rows]))
        self._model = search.best_estimator_

    def scores(self, data: Data, trial: Trial) -> Scores:
        """Return the log-odds of every (query, person in the pool)."""
        sizes = [len(vectorizer.vocabulary_) for vectorizer in self._vectorizers]
        coefs = np.split(self._model.coef_[0], np.cumsum(sizes)[:-1])
        offers = [data.vacancies[code] for code in trial.queries]
        texts = (
            [offer.atividades for offer in offers],
            [offer.competencias for offer in offers],
            [data.candidates[code].cv for code in trial.pool],
        )
        activities, competences, cvs = (
            np.asarray(vectorizer.transform(text) @ coef)
            for vectorizer, text, coef in zip(self._vectorizers, texts, coefs, strict=True)
        )
        # A sum of a vacancy's part and a person's: it ranks people alike for every vacancy.
        total = (activities + competences)[:, None] + cvs[None, :] + self._model.intercept_[0]
        return np.asarray(total, dtype=np.float64)
