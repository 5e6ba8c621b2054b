"""Has what a model reads changed since it was trained? Sketches, measures, verdict, page."""

from praca.learning.drift.comparing import Bar
from praca.learning.drift.report import (
    DomainDrift,
    DriftReport,
    FeatureDrift,
    ReportError,
    Watched,
    Window,
    judged,
    judged_domain,
)
from praca.learning.drift.sketches import (
    CategorySketch,
    NumericSketch,
    Sketch,
    SketchError,
    TextSketch,
)
from praca.learning.drift.vectors import VectorSample, projected

__all__ = [
    "Bar",
    "CategorySketch",
    "DomainDrift",
    "DriftReport",
    "FeatureDrift",
    "NumericSketch",
    "ReportError",
    "Sketch",
    "SketchError",
    "TextSketch",
    "VectorSample",
    "Watched",
    "Window",
    "judged",
    "judged_domain",
    "projected",
]
