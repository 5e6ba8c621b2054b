"""Pure building blocks; they import nothing else of ours."""
