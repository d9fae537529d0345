"""The clip families: one module each, all under the contract in `family`."""
