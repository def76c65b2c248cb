"""What is printed for an order: warranty card, invoice or receipt, return form. A profile says which and to whom."""
