"""Generated cases: thousands of requests, from Schemathesis, a fixed corpus and random edits, each judged exactly.

example                    one request, as an edit of the plain valid call
context                    the optional parts of a valid call that some examples carry
deviation                  what sets a request apart from it, found by reading the request alone
lenient                    reads JSON as lenient parsers do, to know what they make of a body
expectation                from the deviations of a request to the answers that are right
explicit                   requests that written cases make already, which generated ones needn't repeat
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
replay                     finds the request that --replay names
"""
