"""The quality gates of the pages, in a real browser: access for everybody, every width, strict policy, no scripting."""
