"""An LMS that moves to another address: its registration follows."""
