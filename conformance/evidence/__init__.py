"""What is kept of a run and may be shown: secrets and how they are spelled, found and masked."""
