"""The pure half of REST: rules about limits, retries and routes, computed from (state, event, now).

Nothing here may know a clock, a socket, a task or chance; deadlines and drawn numbers are plain values.
"""
