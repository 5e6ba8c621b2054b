"""A forgotten password: a code by e-mail, then a new password."""
