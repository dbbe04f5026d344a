"""From the results of cases to the verdict."""
