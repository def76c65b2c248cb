"""The one move: lock, decide by the profile, and store states, money, history, deadlines and outbox together."""
