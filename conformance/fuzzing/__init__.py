"""Generated cases: thousands of requests, from Schemathesis, a fixed corpus and random edits, each judged exactly.

example                    one request, as an edit of the plain valid call
deviation                  what sets a request apart from it, found by reading the request alone
expectation                from the deviations of a request to the answers that are right
corpus                     the fixed examples: what breaks real servers, and what real clients sent by mistake
random_text, random_edits  endless further ones, from a seed
schema_cases               those that Schemathesis makes of the OpenAPI document
drawing                    the program that has Schemathesis draw them, in a process of its own
translation                its requests, as examples
versions                   of what has a say in them
input_classes              the classes of examples, one row of the report each
call_budget                how the classes share the budget of calls
campaign                   sends the examples of a class, judges, shrinks what fails
shrinking                  smaller requests to try
memory                     failing requests, kept for the next run and for --replay
"""
