"""The local ORCID stand-in: member API and OAuth over real HTTP, with each record's inbox.

It is a check on the worker, so it shares no code with it: nothing here imports `mappers`, `state` or another part
of `worker`. What it does is written in API_FACTS, whose sections the docstrings name.
"""
