"""The knowledge base: articles about the city's services."""
