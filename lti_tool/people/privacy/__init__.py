"""The room about privacy: each organization's notice and consent texts, who agreed to them, and the gate before work."""
