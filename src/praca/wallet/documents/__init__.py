"""People's documents: encrypted, shared by their owners only."""
