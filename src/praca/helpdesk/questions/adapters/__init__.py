"""What questions are kept in and published through."""
