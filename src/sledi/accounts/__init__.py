"""People of the installation, and how an operator signs in."""
