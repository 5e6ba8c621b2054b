"""Citizens: registration and their own data (system 3's `/users`)."""
