"""The operators' dashboard: pages in the browser over what the API tells.

It reads by HTTP alone, with the token of the operator who has signed in. This package loads
without Streamlit; the extra ``praca[dashboard]`` brings it.
"""
