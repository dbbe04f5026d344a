"""Conformance suite for the creation of device command revocation tasks."""
