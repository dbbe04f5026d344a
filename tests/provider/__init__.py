"""The providers: hook, northbound, static, and what is made of what they say."""
