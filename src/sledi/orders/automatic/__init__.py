"""What moves orders without a person: deadlines, carriers' news, and the payment provider's word."""
