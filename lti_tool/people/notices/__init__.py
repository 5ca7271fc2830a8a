"""Notices: what people are told inside the tool, and in a digest by e-mail where they agreed. The only way of telling one
person of something that happened."""
