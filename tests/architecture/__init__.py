"""Walls between the rooms of the suite, and the size of what stands in them."""
