"""The screens about privacy: everybody's own, the gate before the work, and the coordinator's."""
