"""Figures for Prometheus: rooms declare and count, entry points open and show.

See ``docs/adr/0021-metrics.md``. A room imports :class:`Counter`, :class:`Gauge`,
:class:`Histogram`, :class:`Figure` and :class:`Reading` from here; all else is for entry points.
"""

from praca.platform.metrics.families import Counter, Family, Gauge, Histogram, declared
from praca.platform.metrics.figures import Figure, Reading

__all__ = ["Counter", "Family", "Figure", "Gauge", "Histogram", "Reading", "declared"]
