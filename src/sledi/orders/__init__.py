"""Orders and their items, and the one operation that moves anything a profile describes."""
