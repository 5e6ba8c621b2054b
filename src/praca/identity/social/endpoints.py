"""Signing in by way of other providers over HTTP."""

from fastapi import APIRouter

__all__ = ["router"]

router = APIRouter()
