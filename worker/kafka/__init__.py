"""Kafka: topics as event sources, and the topic that hears of dead letters."""
