"""The forms of messages: JSON and XML, v3.0 and v2.1, to and from the canonical v3.0 JSON that is worked on."""
