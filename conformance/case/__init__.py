"""What cases are made of: their description, the identifiers, devices and refusals they use, and those of the frame."""
