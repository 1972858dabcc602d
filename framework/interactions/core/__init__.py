"""The rules of answering, without clock or network."""
