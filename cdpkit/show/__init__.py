"""How objects show themselves: what they tell is said once, and written as text and as HTML; completion into them."""
