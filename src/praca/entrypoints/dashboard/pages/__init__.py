"""One module per page; each has ``show(api, period)``. They load with Streamlit only."""
