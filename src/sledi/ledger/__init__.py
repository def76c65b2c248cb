"""Money: accounts, entries that sum to zero, holds, payments, payouts. Never edited, only reversed."""
