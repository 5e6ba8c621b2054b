"""Where Praça, or a part of it, is set up on other people's machines."""
