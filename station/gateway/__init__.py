"""The API for other programs of a site: a client of the service like the window, in a process of its own.

Whatever is asked of it, and however often, no test waits for it; what starts energy goes through the
service's own checks, guard and limits, which it cannot pass by.
"""
