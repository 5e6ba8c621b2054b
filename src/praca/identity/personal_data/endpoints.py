"""One's own data over HTTP: a copy, and its erasure."""

from fastapi import APIRouter

__all__ = ["router"]

router = APIRouter()
