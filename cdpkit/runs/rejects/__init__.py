"""What runs have refused: listed, mended by a person, and taken again."""
