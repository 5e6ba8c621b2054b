"""Notes about training runs, kept in MLflow for people to look at; nothing that answers reads them.

MLflow itself is loaded in a process of its own (see ``docs/adr/0007-mlflow.md``).
"""

from praca.learning.tracking.runs import TrackedRun, log_run, log_runs

__all__ = ["TrackedRun", "log_run", "log_runs"]
