"""Models trained on the catalogue: what a book's other fields tell of it, and what they do not."""

from praca.library.ml.feature_rows import FeatureRows
from praca.library.ml.serving import BookModels, open_book_models
from praca.library.ml.tasks import TRAIN_BOOKS

__all__ = ["TRAIN_BOOKS", "BookModels", "FeatureRows", "open_book_models"]
