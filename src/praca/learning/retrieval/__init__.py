"""Finding text: exact BM25, TF-IDF and dense retrieval in memory, and their fusion."""

from praca.learning.retrieval.fusion import reciprocal_rank_fusion
from praca.learning.retrieval.lexical import BM25, TfIdf, best
from praca.learning.retrieval.lsa import LSA
from praca.learning.retrieval.postings import Postings
from praca.learning.retrieval.vocabulary import Vocabulary

__all__ = ["BM25", "LSA", "Postings", "TfIdf", "Vocabulary", "best", "reciprocal_rank_fusion"]
