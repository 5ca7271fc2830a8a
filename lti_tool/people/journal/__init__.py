"""The audit trail as people read it: a coordinator the own organization's lines, an operator all, without names."""
