"""What the shop's books are made of: books that exist, and the stuff of invented ones."""

from praca.library.bookshop.shelves.classics import CLASSICS, Classic
from praca.library.bookshop.shelves.knowledge import KNOWLEDGE
from praca.library.bookshop.shelves.stories import STORIES
from praca.library.bookshop.shelves.subject import Subject

__all__ = ["CLASSICS", "SUBJECTS", "Classic", "Subject"]

SUBJECTS = STORIES + KNOWLEDGE
