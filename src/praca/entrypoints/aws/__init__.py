"""Functions that AWS Lambda calls: questions without a server or a database of one's own.

``api`` answers HTTP, ``connect`` the WebSockets; ``process`` and ``notify`` take batches of
messages, ``sweep`` is called by the clock. ``redrive`` is for the command line. None of them
loads PostgreSQL's driver, SQLAlchemy, scipy, scikit-learn or MLflow; a test refuses these.
"""
