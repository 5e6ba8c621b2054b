"""People's documents: encrypted, shared by their owners only.

``room`` is the door. It is not opened here: who looks into a file loads this package too, and is
to load little besides.
"""
