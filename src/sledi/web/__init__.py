"""The frame of every page: base template, components, look, map, words and languages. Knows no business app."""
