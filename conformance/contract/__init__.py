"""The contract: reads the documents in openapi/ and judges exchanges against them. No input or output beyond that."""
