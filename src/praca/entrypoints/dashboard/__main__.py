"""The script that Streamlit runs for each session and each click."""

from praca.entrypoints.dashboard.app import show

show()
