"""Where key encryption keys may be kept."""
