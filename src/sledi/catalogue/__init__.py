"""The goods a business or its sellers describe once; orders copy from them. Knows nothing of orders."""
