"""Web: what a process serves beside its work. `app.py` composes the rooms, each a list of routes in its own file."""
