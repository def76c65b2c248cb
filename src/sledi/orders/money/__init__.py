"""Money of orders: what effects post, checkouts at the payment provider, payouts to sellers, and their audit."""
