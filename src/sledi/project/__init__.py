"""Composition: settings, root addresses, applications. The only package that names all apps."""
