"""REST rules as plain state machines: routes, header reading, bucket estimates, the global limit, the invalid
request budget, retry decisions. Integer milliseconds; no clock, no network, no chance."""
