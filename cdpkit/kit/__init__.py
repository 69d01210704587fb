"""What a vendor is, and the parts that vendors are built from."""
