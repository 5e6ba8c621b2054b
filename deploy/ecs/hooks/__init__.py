"""Functions that CodeDeploy asks; each is a file that Lambda runs alone."""
