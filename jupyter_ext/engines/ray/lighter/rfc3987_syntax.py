"""Stands in front of the package of this name, which takes seconds to import, in every process of a Ray cluster.

Ray imports jsonschema, which tries this one for addresses with letters beyond ASCII; Ray's schemas have none.
"""

raise ImportError("left out")
