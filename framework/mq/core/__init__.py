"""Pure rules of forwarding: what leaves when, what is a double, what is safe, how long to wait."""
