"""Battery management systems described as data: one YAML file (and a DBC) for each family of packs.

``family`` loads and checks a description, ``layout`` reads values out of bytes, ``decoder`` follows a CAN
bus, ``serial_decoder`` a serial line, ``log_files`` reads recordings. Nothing here ever writes to a pack:
no request changes a value, clears a code or resets a counter.
"""
