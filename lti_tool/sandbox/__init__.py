"""A small LMS of our own for trying out the tool and for tests: an LTI platform, one process per school.

It imitates Moodle 4.5, shares no code with the tool, and nothing in the tool imports it.
"""

from .school import create_school

__all__ = ["create_school"]
