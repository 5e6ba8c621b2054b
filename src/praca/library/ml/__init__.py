"""Models trained on the catalogue: what a book's other fields tell of it, and what they do not."""

__all__: list[str] = []
