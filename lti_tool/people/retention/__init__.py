"""How long what kind of data is kept: each feature names its periods, a job applies them. See docs/developer/privacy.md."""
