"""Whether answers helped."""
