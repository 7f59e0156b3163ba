"""What the worker remembers: facts, the store that keeps them, the vault that hides secrets."""
