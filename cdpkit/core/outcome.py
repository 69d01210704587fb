"""What becomes of a person who was sent to a vendor."""

ACCEPTED, REJECTED, IN_DOUBT = "accepted", "rejected", "in_doubt"
