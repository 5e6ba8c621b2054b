"""The library: a catalogue of books gathered from the web, and models trained on it."""

__all__: list[str] = []
