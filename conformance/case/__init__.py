"""What cases are made of: the registry that knows them, and the conversation that each has with the target."""
