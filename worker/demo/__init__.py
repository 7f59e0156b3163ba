"""The demo: the main job on embedded defaults, against the local stand-in."""
