"""Photos that people add to what they do: accepted, cleaned, kept, shown to whoever may see their subject."""
