"""Recorded traffic: what a HAR file holds of this call is judged without making any."""
