"""Events in, messages out that a family acts on."""
