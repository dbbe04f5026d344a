"""The cases, one module for each chapter. A case states a fact about the target and never knows which target it is."""
