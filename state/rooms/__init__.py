"""The rooms of the store's interface: what each keeps, and what it promises. One file a room, as in the stores."""
