"""Every difference of Moodle from the specifications or from other platforms that we act upon, each with its reason."""

from __future__ import annotations
