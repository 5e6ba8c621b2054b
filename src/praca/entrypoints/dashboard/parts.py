"""What every page is made of: sections that fail alone, figures, tables, empty states."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from praca.entrypoints.dashboard.charts import AnyChart
from praca.entrypoints.dashboard.format import NOTHING, plain
from praca.entrypoints.dashboard.problems import ApiProblem, NotThereError, SignedOutError

__all__ = ["chart", "empty", "figures", "heading", "section", "table"]

_FIGURE_WIDTH: Final = 164
_ROWS_SHOWN: Final = 12
_WIDE: Final = 270

Format = Callable[[Any], str]


def heading(title: str, subtitle: str) -> None:
    """Begin a page."""
    st.title(title, anchor=False)
    st.caption(subtitle)


@contextmanager
def section(title: str, note: str = "") -> Iterator[None]:
    """Show a section; what it asks of the API may fail without harm to the others."""
    st.subheader(title, anchor=False)
    if note:
        st.caption(note)
    try:
        yield
    except SignedOutError:
        raise
    except NotThereError as problem:
        st.info(plain(str(problem)), icon=":material/inbox:")
    except ApiProblem as problem:
        st.warning(plain(str(problem)), icon=":material/cloud_off:")


def empty(sentence: str) -> None:
    """Say that there is nothing yet, and what would change that; ``sentence`` is Markdown."""
    with st.container(border=True):
        st.markdown(f":material/inbox: {sentence}")


def figures(values: Mapping[str, str], hints: Mapping[str, str] | None = None) -> None:
    """Show figures side by side, as many as fit."""
    with st.container(horizontal=True, gap="small"):
        for label, value in values.items():
            hint = (hints or {}).get(label)
            st.metric(plain(label), plain(value), border=True, width=_FIGURE_WIDTH, help=hint)


def chart(made: AnyChart, description: str) -> None:
    """Show a chart; ``description`` is its caption, and what a screen reader says."""
    st.caption(plain(description))
    st.altair_chart(made, width="stretch", alt=description)


def table(
    caption: str,
    rows: Sequence[Mapping[str, Any]],
    formats: Mapping[str, Format] | None = None,
    *,
    wide: Sequence[str] = (),
) -> None:
    """Show rows, sortable by what they are, written as ``formats`` says.

    Columns that are ``wide`` hold long names; the others share what is left.
    """
    st.caption(plain(caption))
    frame = pd.DataFrame.from_records(list(rows))
    written = frame.style.format(dict(formats or {}), na_rep=NOTHING)
    tall: dict[str, Any] = {"height": 36 * (_ROWS_SHOWN + 1)} if len(frame) > _ROWS_SHOWN else {}
    widths = {name: st.column_config.Column(width=_WIDE) for name in wide}
    st.dataframe(
        written, hide_index=True, width="stretch", alt=caption, column_config=widths, **tall
    )
