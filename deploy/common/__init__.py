"""What more than one deployment on AWS is made of."""
