"""The pages of ``docs/reference/``, made of the code they describe.

``uv run python -m tools.reference`` writes them. They are checked in, and a test compares them.
Each is a template of ``templates/`` with hand-written words, in which one line stands for what is
made.
"""

from tools.reference.pages import FOLDER, pages

__all__ = ["FOLDER", "pages"]
